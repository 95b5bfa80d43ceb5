// The verdict on a cell: was it shown once and in order, and does the log tell it as it was.
import type { House } from '../kit/house.js';
import type { Turn } from '../model/fake-model.js';
import type { Kind, Letter } from './letters.js';
import { orderOf, type Showing, showingOf } from './record.js';

/** What a scene may end with. */
export interface Due {
  /** It could not be known whether the model saw it: it may come again, and says so. */
  mayRepeat: boolean;
}

/** A cell of the table. */
export interface Cell {
  kind: Kind;
  isRight: boolean;
  /** In few words what was seen. */
  says: string;
}

interface TracedStage {
  stage: string;
  time: number;
  by?: string;
}

/** Judges each letter by the model's record, and by the trace of the log where it has one. */
export async function judge(
  house: House,
  turns: readonly Turn[],
  letters: readonly Letter[],
  { peer, ...due }: Due & { peer: string },
): Promise<Cell[]> {
  const marks = letters.map(({ mark }) => mark);
  const order = orderOf(turns, marks);
  const cells: Cell[] = [];
  for (const letter of letters) {
    const showing = showingOf(turns, letter.mark);
    const stages = await stagesOf(house, letter, peer);
    const faults = [
      ...faultsOf(showing, due),
      ...(order.indexOf(letter.mark) === marks.indexOf(letter.mark) ? [] : ['out of order']),
      ...traceFaults(stages, showing),
    ];
    const times = showing.times === 1 ? 'once' : `${showing.times} times, told so`;
    cells.push({
      kind: letter.kind,
      isRight: faults.length === 0,
      says: faults.length === 0 ? times : faults.join(', '),
    });
  }
  return cells;
}

function faultsOf({ times, isAstray, warned }: Showing, { mayRepeat }: Due): string[] {
  const faults = isAstray ? ['shown to a subagent'] : [];
  if (times === 0) faults.push('never shown');
  if (times > 1 && !mayRepeat) faults.push(`shown ${times} times`);
  if (times > 1 && mayRepeat && warned < times - 1) faults.push('shown again without a word');
  return faults;
}

/**
 * How it went on its way to a peer. A trace is that of an ask or a message, by the verb a user
 * would type; what becomes of a reply or a job in an inbox is told by the log alone.
 */
async function stagesOf(house: House, { kind, ref }: Letter, peer: string): Promise<TracedStage[]> {
  if (kind === 'ask' || kind === 'notify') {
    const stages = await rowsOf<TracedStage>(house, ['trace', ref, '--json']);
    return stages.filter(({ stage, by }) => stage === 'accepted' || by === peer);
  }
  const types = 'inbox.handed,inbox.acknowledged';
  const words = ['tail', '--from', 'start', '--no-follow', '--types', types, '--json'];
  const records = (await linesOf<Handing>(house, words)).filter(({ event }) => event.by === peer);
  return records.flatMap(({ time, event: { type, refs = [], seen = [] } }) => [
    ...(type === 'inbox.handed' && refs.includes(ref) ? [{ stage: 'handed', time }] : []),
    ...(type !== 'inbox.handed' && refs.includes(ref) ? [{ stage: 'seen', time }] : []),
    ...(seen.includes(ref) ? [{ stage: 'seen', time }] : []),
  ]);
}

interface Handing {
  time: number;
  event: { type: string; by: string; refs?: readonly string[]; seen?: readonly string[] };
}

async function said(house: House, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await house.cli(...words);
  if (code === 0) return stdout;
  throw new Error(`${words[0]} ended with ${code}: ${stderr}`);
}

async function rowsOf<Row>(house: House, words: readonly string[]): Promise<readonly Row[]> {
  return (JSON.parse(await said(house, words)) as { rows: readonly Row[] }).rows;
}

async function linesOf<Row>(house: House, words: readonly string[]): Promise<readonly Row[]> {
  const lines = (await said(house, words)).split('\n').filter(line => line !== '');
  return lines.map(line => JSON.parse(line) as Row);
}

/** The clocks of log and test are one machine's, and both count whole ms. */
const SLACK_MS = 2;

function traceFaults(stages: readonly TracedStage[], { times, at }: Showing): string[] {
  const faults = ['handed', 'seen']
    .filter(name => !stages.some(({ stage }) => stage === name))
    .map(name => `not told as ${name}`);
  const order = stages.map(({ time }) => time);
  if (order.some((time, n) => n > 0 && time < order[n - 1]!)) faults.push('its times go back');
  const seen = stages.find(({ stage }) => stage === 'seen');
  const isEarly = seen !== undefined && seen.time + SLACK_MS < at;
  if (isEarly) faults.push(times === 0 ? 'told as seen' : 'told as seen before it was shown');
  return faults;
}
