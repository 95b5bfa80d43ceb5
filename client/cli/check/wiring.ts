// Whether what setup writes for a coding agent stands in its settings, and works when it is run.
import { stat } from 'node:fs/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { SettingItem } from '../../setup/plan.js';
import { applySetup, type FilePlan, planSetup, type SetupChange } from '../../setup/setup.js';
import type { RuntimeName } from '../../setup/targets.js';
import { isSameRun, type WiredCommand, wiredBySetup, wiredIn } from '../../setup/wired.js';
import { oneLine } from '../../terminal/safe.js';
import type { Cli } from '../cli.js';
import { checkDrafts } from './data.js';
import { judgeSessions, sessionsIn } from './evidence.js';
import { type Finding, fault, faultOf, remark, well } from './finding.js';
import { programs } from './programs.js';
import {
  brokerOf,
  hasInitialized,
  hookInput,
  hookTrouble,
  isLate,
  MCP_INPUT,
  mcpTrouble,
  type TrialRun,
  tryProgram,
} from './self-test.js';

/** What is looked at: who asks, with a home to look in, and the broker that this shell means. */
export interface AgentLook {
  cli: Cli;
  home: string;
  url?: string;
}

/** The settings of one runtime, of this user or of a project. */
export interface Scope {
  isProject: boolean;
  /** True where the paths of this program go with the next clean-up of a cache. */
  isFleeting: boolean;
  change: SetupChange;
}

/** How it stands. */
export interface Wiring {
  /** True where something of ours is there, or the file is too broken to tell. */
  isUsed: boolean;
  /** Runs what is wired. */
  rows(look: AgentLook): Promise<Finding[]>;
}

/** Reads the settings; nothing is run yet. */
export async function wiringOf(scope: Scope, runtime: RuntimeName): Promise<Wiring> {
  const what = `${runtime}${scope.isProject ? ' project' : ''}`;
  const drafts = checkDrafts(scope.change.targets.map(({ path }) => path));
  try {
    const plans = await planSetup(scope.change);
    const isUsed = plans.some(({ items }) => items.some(({ standing }) => standing !== 'missing'));
    const wired = new WiredAgent(scope, runtime, what, plans);
    return { isUsed, rows: async look => [...(await wired.rows(look)), ...(await drafts)] };
  } catch (error) {
    const broken = faultOf(`${what} settings`, error, 'mend that file; nothing was changed in it');
    return { isUsed: true, rows: async () => [broken, ...(await drafts)] };
  }
}

class WiredAgent {
  readonly #scope: Scope;
  readonly #runtime: RuntimeName;
  readonly #what: string;
  readonly #plans: readonly FilePlan[];
  readonly #items: readonly SettingItem[];

  constructor(scope: Scope, runtime: RuntimeName, what: string, plans: readonly FilePlan[]) {
    this.#scope = scope;
    this.#runtime = runtime;
    this.#what = what;
    this.#plans = plans;
    this.#items = plans.flatMap(({ items }) => items);
  }

  async rows(look: AgentLook): Promise<Finding[]> {
    const commands = this.#commands();
    const found = [this.#standing()];
    // One by one: at once they would slow each other, and a hook has little time.
    if (this.#mayRun()) for (const each of commands) found.push(await this.#trial(each, look));
    const isHooked = commands.some(({ kind }) => kind === 'hook');
    return isHooked ? [...found, await this.#evidence(look)] : found;
  }

  get #cure(): string {
    return `signalbox setup ${this.#runtime}${this.#scope.isProject ? ' --project' : ''}`;
  }

  /** What is in nobody's way: what somebody changed by hand, setup alone may write anew. */
  get #mend(): Pick<Finding, 'mend'> {
    const isByHand = this.#items.some(({ standing }) => standing === 'changed');
    if (isByHand || this.#scope.isFleeting) return {};
    const mend = async () => {
      await applySetup(this.#scope.change);
      return 'written anew; agents that run now keep what they had: start them anew';
    };
    return { mend };
  }

  #standing(): Finding {
    const what = `${this.#what} wiring`;
    const named = (...standings: SettingItem['standing'][]) =>
      this.#items.filter(({ standing }) => standings.includes(standing)).map(each => each.what);
    const lacking = named('missing');
    const surplus = named('surplus');
    if (lacking.length + surplus.length > 0) {
      const parts = [
        ...(lacking.length > 0 ? [`not there: ${lacking.join(', ')}`] : []),
        ...(surplus.length > 0 ? [`there twice or no longer used: ${surplus.join(', ')}`] : []),
      ];
      return { ...fault(what, parts.join('; '), this.#cure), ...this.#mend };
    }
    const others = named('changed', 'older');
    const files = this.#plans.map(({ path }) => path).join(', ');
    if (others.length === 0) return well(what, `hooks and tools stand in ${files}`);
    const detail = `not as setup writes it now: ${others.join(', ')}`;
    return remark(what, detail, `if that is not meant: ${this.#cure}`);
  }

  #commands(): WiredCommand[] {
    const { targets } = this.#scope.change;
    return targets.flatMap((target, at) => {
      const text = this.#plans[at]?.before;
      const found = text === undefined ? [] : wiredIn(target, text);
      if (!this.#scope.isProject) return found;
      // A checkout may call anything a hook of ours: word for word, or it is not run.
      const ours = wiredBySetup(target);
      return found.filter(each => ours.some(own => isSameRun(own, each)));
    });
  }

  /** A project comes from others: of what it says only that is run which setup wrote there. */
  #mayRun(): boolean {
    return !this.#scope.isProject || this.#items.every(({ standing }) => standing !== 'changed');
  }

  async #trial(command: WiredCommand, look: AgentLook): Promise<Finding> {
    const what = `${this.#what} ${command.kind}`;
    const line = oneLine(command.words.join(' '), limits.doctor_said_chars);
    if (command.isOff) {
      return fault(what, `${line} is switched off in the settings`, 'switch it on there');
    }
    const run = await tryProgram({
      words: command.words,
      isShellLine: command.isShellLine,
      env: outsideSessions(look.cli.world.env),
      directory: look.cli.world.directory,
      ...(command.kind === 'hook'
        ? { input: hookInput(look.cli.world.directory), wait_ms: this.#patience(command) }
        : { input: MCP_INPUT, wait_ms: limits.doctor_server_ms, isEnough: hasInitialized }),
    });
    const trouble = command.kind === 'hook' ? hookTrouble(run) : mcpTrouble(run);
    if (trouble === undefined) return judged(what, line, run, look);
    const cure = `write it anew, from where signalbox lies now: ${this.#cure}`;
    return { ...fault(what, `${line}: ${trouble}`, cure), ...this.#mend };
  }

  /** As long as the runtime would wait; Gemini CLI counts in ms. */
  #patience({ timeout }: WiredCommand): number {
    if (timeout === undefined) return limits.doctor_program_ms;
    const wait_ms = this.#runtime === 'gemini' ? timeout : timeout * 1_000;
    return Math.min(Math.max(1, wait_ms), limits.doctor_program_ms);
  }

  async #evidence({ cli }: AgentLook): Promise<Finding> {
    const [target] = this.#scope.change.targets;
    const found = await stat(target?.path ?? '').catch(() => undefined);
    return judgeSessions(await sessionsIn(cli.paths.state), {
      what: `${this.#what} sessions`,
      runtime: programs[this.#runtime].name,
      since: found?.mtimeMs ?? 0,
      now: Date.now(),
    });
  }
}

/** What ran well may still be slow, talkative, or of another broker. */
function judged(what: string, line: string, run: TrialRun, look: AgentLook): Finding {
  const detail = `${line} answers in ${run.took_ms} ms`;
  if (isLate(run)) {
    return remark(what, `${line} gave up for lack of time, as it should`, SLOW);
  }
  const url = brokerOf(run.stdout);
  if (run.stderr.trim() !== '') {
    const words = oneLine(run.stderr, limits.doctor_said_chars);
    return remark(what, `${detail}, and says: ${words}`, 'see to what it says');
  }
  if (url === null)
    return remark(what, `${detail}, and finds no broker`, 'start one: signalbox up');
  if (url && look.url !== undefined && url !== look.url) {
    const cure = 'start agents where SIGNALBOX_URL is as here, or leave it out here';
    return remark(what, `${detail}, and would speak to ${url}, not to ${look.url}`, cure);
  }
  if (what.endsWith('hook') && run.took_ms > limits.hook_wait_ms + limits.hook_follow_ms) {
    return remark(what, `${detail}, which each step of the agent waits for`, SLOW);
  }
  return well(what, detail);
}

const SLOW = 'see above for what slows the start of Node; else the machine is busy';

/** A trial is in no session, not even in the one whose shell runs it. */
function outsideSessions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !SESSION.test(name));
  return Object.fromEntries(kept);
}

const SESSION =
  /^(CLAUDECODE|CLAUDE_CODE_|CLAUDE_PID$|CODEX_(?!HOME)|GEMINI_CLI$|GEMINI_CLI_SESSION|OPENCODE)/;
