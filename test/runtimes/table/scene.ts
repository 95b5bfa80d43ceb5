// A scene: one session of a runtime in its own folder, its model played step by step.
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../dsl/until.js';
import type { Headless } from '../kit/headless.js';
import { type House, SENDER } from '../kit/house.js';
import type { Terminal } from '../kit/terminal.js';
import type { ToolUse } from '../model/dialect.js';
import type { Answer, Script, Turn } from '../model/fake-model.js';
import { askFrom, type Letter, sendLetters } from './letters.js';
import { isErrand, showingOf } from './record.js';

const QUESTIONS = 5;
const SETTLE_MS = 3_000;
const LOOKS = 600;
const aWhile = () => pause(100);

/** What the model says in a turn. */
type Step = Answer | Script;

export class Scene {
  readonly house: House;
  readonly name: string;
  readonly folder: string;
  letters: Letter[] = [];
  readonly #from: number;
  #steps: Step[] = [];
  #errand: Step = 'the errand is done';

  constructor(house: House, word: string) {
    this.house = house;
    ({ name: this.name, folder: this.folder } = house.project(word));
    this.#from = house.model.turns.length;
    house.model.script = turn => this.#answer(turn);
  }

  /** The turns of this scene. */
  get turns(): readonly Turn[] {
    return this.house.model.turns.slice(this.#from);
  }

  /** What the model says next, turn by turn; then it only says ok. */
  plays(...steps: readonly Step[]): void {
    this.#steps = [...steps];
  }

  /** What the model of a subagent says in its first turn. */
  errands(step: Step): void {
    this.#errand = step;
  }

  /**
   * What the model says next, after it has asked the sender something, so that there is a reply to
   * come: it asks once more where the runtime had no tools yet.
   */
  asksThen(...steps: readonly Step[]): void {
    const question = this.house.program.tool('ask', {
      ...{ to: SENDER, text: `question of ${this.name}` },
    });
    const asked: Script = async turn => {
      const isThere = (await askFrom(this.house.sender, this.name)) !== undefined;
      if (isThere || --tries < 0) return this.#answer(turn);
      this.#steps.unshift(asked);
      return question;
    };
    let tries = QUESTIONS;
    this.plays(asked, ...steps);
  }

  get work(): ToolUse {
    return this.house.program.shell('echo worked');
  }

  /** Sends one of each kind. */
  async send(): Promise<void> {
    this.letters = await sendLetters(this.house, this.name);
  }

  /** Starts a run of a prompt. */
  starts(prompt: string, isResumed = false): Headless {
    return this.house.headless(this.folder, prompt, isResumed);
  }

  /** Runs a prompt to its end. */
  async run(prompt: string, isResumed = false): Promise<void> {
    const { stdout, stderr } = await this.starts(prompt, isResumed).ended;
    this.said += `${stdout}\n${stderr}\n`;
  }

  /** What the runs wrote. */
  said = '';

  /** Opens a terminal for a while. */
  async inTerminal(act: (terminal: Terminal) => Promise<void>): Promise<void> {
    const terminal = this.house.terminal(this.folder);
    try {
      await terminal.sees(this.house.program.isReady);
      await act(terminal);
    } catch (error) {
      this.said += terminal.screen();
      throw error;
    } finally {
      terminal.close();
    }
  }

  /** Waits until the session, after that many turns of its model at least, is idle. */
  async rests(turns: number): Promise<void> {
    const isIdle = async () => {
      return this.turns.length >= turns && (await this.row())?.turn === 'idle';
    };
    await until(isIdle, { what: `${this.name} to rest`, rest: aWhile, looks: LOOKS });
  }

  /** Waits a while for what shows nowhere: a command of a terminal has no end to look for. */
  async settles(): Promise<void> {
    await pause(SETTLE_MS);
  }

  /** Waits until all letters were before the model. */
  async showsAll(): Promise<void> {
    const isShown = () => {
      return this.letters.every(({ mark }) => showingOf(this.turns, mark).times > 0);
    };
    await until(isShown, { what: 'the mail to be shown', rest: aWhile, looks: LOOKS });
  }

  /** The session as the broker lists it. */
  async row() {
    const rows = await this.house.sender.peers({ offline: true });
    return rows.find(({ name }) => name === this.name);
  }

  async #answer(turn: Turn): Promise<Answer> {
    const step = this.#next(turn);
    return typeof step === 'function' ? step(turn) : step;
  }

  #next(turn: Turn): Step {
    if (!isErrand(turn)) return this.#steps.shift() ?? 'ok';
    const step = this.#errand;
    this.#errand = 'the errand is done';
    return step;
  }
}
