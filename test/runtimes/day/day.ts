// An orchestrator's day with real agents: from a board to its close-out, and through a kill.
import { programs } from '../../../client/cli/check/programs.js';
import type { Program } from '../programs/program.js';
import { showingOf } from '../table/record.js';
import { Actor } from './actor.js';
import {
  BOARD_AFTER,
  DRAIN,
  orchestrator,
  PORT,
  QUESTION,
  SUMMARY,
  successor,
  TAKE_OVER,
  WORK,
  worker,
} from './parts.js';
import { type Commands, type Said, Stage } from './stage.js';

/** What a day leaves in the log: each line once, and the lines of a row in this order. */
const STORY: readonly (readonly string[])[] = [
  ['job.created', 'board.moved login in progress', 'schedule.created', 'ask.opened'],
  ['ask.opened', 'board.moved port in progress', 'board.moved port done'],
  ['job.created', 'job.claimed', 'review.touched', 'job.finished', 'review.marked'],
  ['review.marked', 'board.linked', 'board.moved login done'],
  ['ask.opened', 'ask.closed', 'board.moved port done'],
];

/** Claude Code asks its user before a shell command, unless told not to. */
const UNASKED: Partial<Record<Program['name'], readonly string[]>> = {
  'claude-code': ['--permission-mode', 'default', '--allowedTools', 'Bash'],
};

/** One leads and the other works; returns what was not as it should be. */
export function playDay(commands: Commands, leads: Program, works: Program): Promise<string[]> {
  return played(commands, async stage => {
    const boss = new Actor('boss', leads, orchestrator(leads));
    const hand = new Actor('worker', works, worker(works));
    await joined(stage, hand);
    await stage.begins(boss, started(leads), DRAIN);
    await stage.until('the day to end', () => boss.isDone && hand.isDone);
    const mail = [...mailFaults(hand, QUESTION), ...mailFaults(boss, PORT, SUMMARY)];
    return [...mail, ...storyFaults(await stage.events(), STORY)];
  });
}

/**
 * The orchestrator is killed between an ask and the move that names it, with a job under way and
 * a look of its own to come; a second one, of another runtime, takes over and closes out.
 */
export function playHandover(commands: Commands, leads: Program, follows: Program) {
  return played(commands, async stage => {
    const isDead = pledge();
    const isTaken = pledge();
    const dies = async () => {
      stage.kill(boss);
      isDead.keep();
      await new Promise(() => {});
    };
    const boss = new Actor('boss', leads, orchestrator(leads, dies));
    const hand = new Actor(
      'worker',
      follows,
      worker(follows, () => isTaken.kept),
    );
    const next = new Actor('successor', follows, successor(follows, isTaken.keep));
    await joined(stage, hand);
    await stage.begins(boss, started(leads), DRAIN);
    await isDead.kept;
    await stage.begins(next, [...started(follows), '--beside'], TAKE_OVER);
    await stage.until('the successor to end the day', () => next.isDone && hand.isDone);
    const handed = ['ask.opened', 'orchestrator.handed_over', 'board.moved port in progress'];
    const mail = [...mailFaults(hand, QUESTION), ...mailFaults(next, PORT, SUMMARY)];
    const said = await stage.events();
    const heir = said.find(({ type }) => type === 'orchestrator.handed_over')?.to;
    const { rows } = await stage.house.sender.call('schedule.list', { mine: false });
    const looks = rows.filter(({ to }) => to === heir).length;
    return [
      ...mail,
      ...storyFaults(said, [...STORY, handed, [...handed.slice(0, 2), 'job.finished']]),
      ...(looks === 1 ? [] : [`${looks} schedules are with the successor: ${heir}`]),
    ];
  });
}

function started({ name }: Program): string[] {
  return ['signalbox', 'orchestrator', 'start', '--runtime', name];
}

/** A session in the folder of a project, which then waits for its mail. */
async function joined(stage: Stage, hand: Actor): Promise<void> {
  const { name } = hand.program;
  await stage.begins(hand, [programs[name].program, ...(UNASKED[name] ?? [])], WORK);
  await stage.until('the worker to be there', async () => {
    const rows = await stage.house.sender.peers();
    return hand.turns.length > 0 && rows.some(row => row.name === 'api' && row.turn === 'idle');
  });
}

async function played(commands: Commands, act: (stage: Stage) => Promise<string[]>) {
  const stage = await Stage.open(commands);
  try {
    const faults = await act(stage);
    if (stage.board() !== BOARD_AFTER) faults.push(`the board ends as\n${stage.board()}`);
    faults.push(...stage.house.model.faults.map(({ message }) => `the script: ${message}`));
    return faults.length === 0 ? faults : [...faults, stage.standing()];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    await stage.close();
  }
}

/** Mail is before its model by hooks: once, unless it says itself that it is shown again. */
function mailFaults({ name, turns }: Actor, ...marks: readonly string[]): string[] {
  // What a tool answers may quote the same words.
  const mailed = turns.map(({ shown, ...turn }) => {
    return { ...turn, shown: shown.filter(({ role }) => role !== 'tool') };
  });
  return marks.flatMap(mark => {
    const { times, warned } = showingOf(mailed, mark);
    return times - warned === 1 ? [] : [`${name} was shown ${times} times: ${mark}`];
  });
}

function storyFaults(said: readonly Said[], rows: typeof STORY): string[] {
  const all = said.map(({ type, item, to }) => {
    return type === 'board.moved' ? `${type} ${item} ${String(to).toLowerCase()}` : type;
  });
  const faults = rows.flatMap(row => {
    const met = all.filter(line => row.includes(line));
    return met.join() === row.join() ? [] : [`not ${row.join(', ')}\nbut ${met.join(', ')}`];
  });
  const moves = all.filter(line => line.startsWith('board.moved'));
  return moves.length === 4 ? faults : [...faults, moves.join('\n')];
}

/** Something that is yet to happen. */
function pledge() {
  let keep = () => {};
  const kept = new Promise<void>(resolve => {
    keep = resolve;
  });
  return { kept, keep };
}
