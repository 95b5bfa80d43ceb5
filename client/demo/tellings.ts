// One event of the play in words: who, to whom, and what; nothing for what is mere machinery.
import type { EventOf, EventType, LogRecord } from '../../schemas/event.js';
import type { AskTold, Memory } from './memory.js';

export type Tone = 'plain' | 'good' | 'bad' | 'dim';

export interface Telling {
  /** The id of who did it; absent when the broker did. */
  by?: string;
  /** Who it was for: a peer's id, or a word. */
  to?: string;
  text: string;
  tone?: Tone;
}

type Tell<T extends EventType> = (
  event: EventOf<T>,
  memory: Memory,
  time: number,
) => Telling | undefined;

const tellings: { [T in EventType]?: Tell<T> } = {
  'peer.joined': ({ peer, role, runtime }) => ({
    by: peer,
    text: `joins as ${role}${runtime ? `, a session of ${runtime}` : ''}`,
    tone: 'dim',
  }),
  'peer.connected': ({ peer }, { away }) =>
    away.has(peer) ? { by: peer, text: 'is back: same peer, same inbox', tone: 'good' } : undefined,
  'peer.disconnected': ({ peer }) => ({ by: peer, text: '✗ the connection is gone', tone: 'bad' }),
  'peer.left': ({ by }) => ({ by, text: 'leaves', tone: 'dim' }),
  'peer.described': ({ by, text }) => ({ by, text: `“${text}”`, tone: 'dim' }),
  'peer.turned': ({ by, state, usage }) => ({ by, text: turnText(state, usage), tone: 'dim' }),
  'ask.opened': ({ by, to, text, question }) => ({
    by,
    to,
    text: `asks: ${text}${choices({ from: by, to, question: question as AskTold['question'] })}`,
  }),
  'ask.fanned_out': ({ by, to, text }) => ({ by, to: `all ${to.length}`, text: `asks: ${text}` }),
  'ask.closed': closedAsk,
  'job.created': ({ by, to, kind, title }) => ({
    by,
    to: to ?? 'anyone',
    text: `job “${title}”${to === undefined ? `, for who does ${kind}` : ''}`,
  }),
  'job.claimed': ({ by, job }, memory) => ({
    by,
    text: `claims ${titled(job, memory)}${again((memory.attempts.get(job) ?? 0) + 1)}`,
  }),
  'job.updated': ({ by, progress, note }) => ({ by, text: `${bar(progress)}  ${note ?? ''}` }),
  'job.finished': ({ by, job, outcome, summary }, memory) => ({
    by,
    text: `${outcome === 'completed' ? '✓' : '✗'} ${titled(job, memory)}: ${summary}`,
    tone: outcome === 'completed' ? 'good' : 'bad',
  }),
  'job.lapsed': ({ job, attempt }, memory) => ({
    text: `the lease of attempt ${attempt} ran out: ${titled(job, memory)} is queued again`,
    tone: 'bad',
  }),
  'schedule.created': ({ by, to, text, next_at }, _, time) => ({
    by,
    to,
    text: `schedules an ask ${tenths(next_at - time)} ahead: ${text}`,
  }),
  'schedule.fired': ({ schedule, nominal_at }, memory, time) => ({
    to: memory.asks.get(schedule)?.to,
    text: `asks, ${time - nominal_at} ms after its time: ${titled(schedule, memory)}`,
  }),
  'review.touched': ({ by, pr_url, head_sha, title }) => ({
    by,
    text: `pushed ${pull(pr_url)}${head_sha ? ` at ${head_sha.slice(0, 7)}` : ''}: ${title ?? ''}`,
  }),
  'review.marked': ({ by, pr_url, sha }) => ({
    by,
    text: `✓ reviewed ${pull(pr_url)}${sha ? ` at ${sha.slice(0, 7)}` : ''}`,
    tone: 'good',
  }),
};

/** The telling of a record by a memory of what came before it; `learn` it afterwards. */
export function tellingOf({ event, time }: LogRecord, memory: Memory): Telling | undefined {
  const tell = tellings[event.type] as Tell<EventType> | undefined;
  return tell?.(event, memory, time);
}

/** `org/name#1` of the address of a pull request. */
export function pull(url: string): string {
  const { name, number } = /\/(?<name>[^/]+)\/pull\/(?<number>\d+)$/.exec(url)?.groups ?? {};
  return name && number ? `${name}#${number}` : url;
}

/** How far something is, as a bar of ten. */
export function bar(progress: number | undefined): string {
  const tens = Math.round((progress ?? 0) * 10);
  const percent = `${Math.round((progress ?? 0) * 100)}`.padStart(3);
  return `${'█'.repeat(tens)}${'░'.repeat(10 - tens)} ${percent} %`;
}

function titled(ref: string, { titles }: Memory): string {
  return `“${titles.get(ref) ?? ref}”`;
}

function again(attempt: number): string {
  return attempt > 1 ? `, attempt ${attempt}` : '';
}

function tenths(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function choices({ question }: AskTold): string {
  const options = question?.options?.map(({ label }) => label) ?? [];
  return options.length > 0 ? ` [${options.join(' | ')}]` : '';
}

function closedAsk(event: EventOf<'ask.closed'>, memory: Memory): Telling {
  const { by, ask, outcome, text, option } = event;
  const told = memory.asks.get(ask);
  const chosen = told?.question?.options?.find(({ id }) => id === option)?.label;
  const words = [chosen && `[${chosen}]`, text].filter(Boolean).join(' ');
  const isGrant = told?.question?.kind === 'permission' && outcome === 'replied';
  const verb = isGrant ? '✓ grants' : outcome === 'replied' ? 'answers' : outcome;
  const telling: Telling = { by, text: words === '' ? verb : `${verb}: ${words}` };
  if (told !== undefined) telling.to = told.from;
  if (isGrant) telling.tone = 'good';
  return telling;
}

function turnText(state: string, usage: unknown): string {
  const said = state.replace('_', ' ');
  if (typeof usage !== 'object' || usage === null) return said;
  const { model, input_tokens = 0, output_tokens = 0, cost_usd = 0 } = usage as Partial<UsedTokens>;
  const tokens = `${thousands(input_tokens)} tokens in, ${thousands(output_tokens)} out`;
  return `${said}: ${tokens}, $${cost_usd.toFixed(2)} (${model})`;
}

interface UsedTokens {
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
}

/** 18.2k for 18200. */
export function thousands(count: number): string {
  return count < 1_000 ? String(count) : `${(count / 1_000).toFixed(1)}k`;
}
