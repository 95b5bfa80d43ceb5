// One event of the log as one line for people: when, where, who, to whom, what.
import {
  type EventOf,
  type EventType,
  type LogRecord,
  refsOf,
  type SignalEvent,
} from '../../schemas/event.js';
import type { Names } from './names.js';
import { oneLine } from './safe.js';
import { shortId } from './short-id.js';
import type { Terminal } from './terminal.js';
import { clockTime } from './times.js';
import { padTo, widthOf } from './width.js';

const LINE_CHARS = 400;
const CIRCLE_CHARS = 10;
const LEAST_CHARS = 20;
const NARROW_COLUMNS = 120;
/** Of the things that are named by a short id. */
const TYPED = /^(ask|msg|job|sched)_/;

/** The line of a record; names are those known so far. */
export function eventLine(record: LogRecord, names: Names, terminal: Terminal): string {
  const { paint, width } = terminal;
  const { time, event } = record;
  const id = idShown(event);
  const clock = clockTime(time);
  const isVoid = record.void !== undefined;
  const why = isVoid ? ` void: ${oneLine(record.void ?? '', 64)}` : '';
  const circle = padTo(oneLine(event.circle, isNarrow(width) ? CIRCLE_CHARS : 64), CIRCLE_CHARS);
  const taken = widthOf(`${clock} ${circle} ${why}`);
  const room = Number.isFinite(width) ? Math.max(LEAST_CHARS, width - taken) : LINE_CHARS;
  const said = oneLine(sentence(event, names, id ? shortId(id) : ''), room);
  const line = [paint.dim(clock), paint.cyan(circle), isVoid ? paint.dim(said) : said].join(' ');
  return isVoid ? line + paint.red(why) : line;
}

function isNarrow(width: number): boolean {
  return width < NARROW_COLUMNS;
}

/** The id a person may want to type after seeing the event. */
export function idShown(event: SignalEvent): string | undefined {
  return refsOf(event).find(ref => TYPED.test(ref));
}

interface Words {
  /** The name of the author. */
  by: string;
  /** The short id of the ask or message. */
  id: string;
  name(id: string): string;
}

const below = (text: string | undefined) => (text ? `: ${text}` : '');

const sentences: { [T in EventType]: (event: EventOf<T>, words: Words) => string } = {
  'ask.opened': ({ to, text }, { by, id, name }) => `${by} → ${name(to)} ask ${id}: ${text}`,
  'ask.closed': ({ outcome, option, text }, { by, id }) =>
    `${by} ask ${id} ${outcome}${option ? ` (${option})` : ''}${below(text)}`,
  'message.notified': ({ to, text }, { by, id, name }) =>
    `${by} → ${name(to)} message ${id}: ${text}`,
  'message.broadcast': ({ text }, { by, id }) => `${by} → everybody message ${id}: ${text}`,
  'message.retracted': (_, { by, id }) => `${by} retracted message ${id}`,
  'inbox.acknowledged': ({ refs }, { by }) =>
    `${by} has seen ${refs?.map(ref => shortId(ref)).join(' ') ?? 'its inbox'}`,
  'inbox.taken': (_, { by }) => `${by} reads its inbox`,
  'peer.joined': ({ name, role }) => `${name} joined as ${role}`,
  'peer.left': (_, { by }) => `${by} left`,
  'peer.renamed': ({ name }, { by }) => `${by} takes the name ${name}`,
  'peer.described': ({ text }, { by }) => `${by}: ${text}`,
  'peer.turned': ({ state, text }, { by }) => `${by} is ${state.replace('_', ' ')}${below(text)}`,
  'peer.killed': ({ peer }, { by, name }) => `${by} retired ${name(peer)}`,
  'peer.connected': ({ peer }, { name }) => `${name(peer)} is online`,
  'peer.disconnected': ({ peer }, { name }) => `${name(peer)} is offline`,
  'token.created': ({ name, verbs, circles }, { by }) =>
    `${by} made the token ${name}: ${verbs.join(' ')} in ${circles.join(' ')}`,
  'ask.fanned_out': ({ to, text }, { by, id }) => `${by} → ${to.length} peers ask ${id}: ${text}`,
  'ask.expired': (_, { id }) => `ask ${id} expired`,
  'job.created': ({ title, to, kind }, { by, id, name }) =>
    `${by} → ${to === undefined ? `who does ${kind}` : name(to)} job ${id}: ${title}`,
  'job.claimed': (_, { by, id }) => `${by} claimed job ${id}`,
  'job.updated': ({ state, phase, progress, note }, { by, id }) => {
    const share = progress === undefined ? '' : `${Math.round(progress * 100)}%`;
    const news = [state?.replace('_', ' '), share, phase].filter(Boolean).join(', ');
    if (news === '' && !note) return `${by} renewed job ${id}`;
    return `${by} job ${id}${news && ` ${news}`}${below(note)}`;
  },
  'job.finished': ({ outcome, summary }, { by, id }) => `${by} job ${id} ${outcome}: ${summary}`,
  'job.cancelled': ({ reason }, { by, id }) => `${by} cancelled job ${id}: ${reason}`,
  'job.retried': (_, { by, id }) => `${by} queued job ${id} again`,
  'job.due': ({ id: run, next_at, skipped }, { id }) => {
    if (skipped) return `job ${id} is due, but skipped: ${skipped}`;
    return next_at === undefined ? `job ${id} is due` : `job ${id} is due: run ${shortId(run)}`;
  },
  'job.lapsed': ({ attempt }, { id }) => `job ${id}: the lease of attempt ${attempt} ended`,
  'job.expired': (_, { id }) => `job ${id} is past its deadline`,
  'schedule.created': ({ to, text, cron }, { by, id, name }) =>
    `${by} → ${name(to)} schedule ${id}${cron ? ` (${cron})` : ''}: ${text}`,
  'schedule.paused': (_, { by, id }) => `${by} paused schedule ${id}`,
  'schedule.resumed': (_, { by, id }) => `${by} resumed schedule ${id}`,
  'schedule.cancelled': (_, { by, id }) => `${by} cancelled schedule ${id}`,
  'schedule.fired': ({ id: said }, { id }) => `schedule ${id} fired: ${shortId(said)}`,
  'schedule.skipped': ({ reason, count }, { id }) =>
    `schedule ${id} skipped ${count === 1 ? 'a time' : `${count} times`}: ${reason}`,
  'review.touched': ({ pr_url }, { by }) => `${by} touched ${pr_url}`,
  'review.requested': ({ pr_url, of }, { by, name }) => `${by} → ${name(of)} review ${pr_url}`,
  'review.marked': ({ pr_url }, { by }) => `${by} reviewed ${pr_url}`,
  'review.forgotten': ({ pr_url }, { by }) => `${by} forgot ${pr_url}`,
  'review.moved': ({ from, to }) =>
    from === to ? `${to} is another repository now` : `${from} is ${to} now`,
  'review.observed': ({ pr_url, state }) => `${pr_url} is ${state}`,
  'usage.budgeted': ({ peer, circle, tokens_per_day, cost_usd_per_day }, { by, name }) => {
    const bounds = [
      tokens_per_day === undefined ? '' : `${tokens_per_day} tokens`,
      cost_usd_per_day === undefined ? '' : `$${cost_usd_per_day}`,
    ].filter(bound => bound !== '');
    const whose = peer === undefined ? `circle ${circle}` : name(peer);
    return `${by} set the budget of ${whose}: ${bounds.join(', ') || 'none'}`;
  },
  'peer.retired': ({ peer }, { name }) => `${name(peer)} was away too long and is retired`,
  'token.revoked': ({ revoked }, { by, name }) => `${by} revoked ${name(revoked)}`,
  'gateway.started': ({ boot }) => `broker ${shortId(boot)} started`,
  'gateway.lost': ({ boot }) => `broker ${shortId(boot)} was lost`,
  'log.opened': ({ mesh }) => `the log of ${mesh} was opened`,
  'log.leveled': ({ level }) => `the log is at level ${level}`,
};

function sentence(event: SignalEvent, names: Names, id: string): string {
  const words: Words = { by: names.of(event.by), id, name: names.of };
  // A broker may be newer than this command line and tell of events it does not know.
  if (!Object.hasOwn(sentences, event.type)) return `${words.by} ${event.type}`;
  const say = sentences[event.type] as (event: SignalEvent, words: Words) => string;
  return say(event, words);
}
