// The table of events as sentences: how each kind is told to people, by whichever viewer.
import type { EventOf, EventType, LogRecord } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';
import { type Memory, several } from './memory.js';
import {
  atCommit,
  below,
  choices,
  did,
  faulty,
  happened,
  late,
  linked,
  peer,
  pull,
  sent,
  short,
  spaced,
  thing,
  used,
} from './phrases.js';
import type { Telling, TellingPart } from './telling.js';
import { watchFired, watchMade } from './watches.js';

type Sentence<T extends EventType> = (event: EventOf<T>, memory: Memory, time: number) => Telling;

// One row a kind: the compiler counts them.
const sentences: { [T in EventType]: Sentence<T> } = {
  'ask.opened': ({ by, to, ask, text, question }, memory) =>
    sent(by, peer(to), [thing('ask', ask, memory), `: ${text}${choices(question)}`]),
  'ask.fanned_out': ({ by, to, group, text, question }, memory) =>
    sent(by, `${to.length} peers`, [thing('ask', group, memory), `: ${text}${choices(question)}`]),
  'ask.closed': closedAsk,
  'ask.expired': ({ ask }, memory) => happened([thing('ask', ask, memory), ' expired'], 'bad'),
  'message.notified': ({ by, to, message, text }, memory) =>
    sent(by, peer(to), [thing('message', message, memory), `: ${text}`]),
  'message.broadcast': ({ by, message, text }, memory) =>
    sent(by, 'everybody', [thing('message', message, memory), `: ${text}`]),
  'message.retracted': ({ by, message }, memory) =>
    did(by, ['retracted ', thing('message', message, memory)]),
  'inbox.acknowledged': ({ by, refs }) => did(by, ['has seen ', ...listed(refs)], 'dim'),
  'inbox.handed': ({ by, refs, seen }) => {
    const given = refs && ['was handed ', ...listed(refs)];
    const proven = seen && [given ? ' and has seen ' : 'has seen ', ...listed(seen)];
    return did(by, [...(given ?? []), ...(proven ?? [])], 'dim');
  },
  'inbox.taken': ({ by }) => did(by, ['reads its inbox'], 'dim'),
  'peer.joined': ({ peer: id, name, role, runtime }) => ({
    by: { kind: 'peer', id, name },
    said: [`joined as ${role}${runtime ? `, a session of ${runtime}` : ''}`],
    tone: 'dim',
  }),
  'peer.left': ({ by }) => did(by, ['left'], 'dim'),
  'peer.renamed': ({ by, name }) => did(by, [`takes the name ${name}`]),
  'peer.described': ({ by, text }) => did(by, [`says: ${text}`], 'dim'),
  'peer.turned': ({ by, state, text, usage }) =>
    did(by, [`is ${spaced(state)}${used(usage)}${below(text)}`], 'dim'),
  'peer.killed': ({ by, peer: id }) => did(by, ['retired ', peer(id)], 'bad'),
  'peer.connected': ({ peer: id }, { away }) =>
    away.has(id)
      ? did(id, ['is back: same peer, same inbox'], 'good')
      : did(id, ['is online'], 'dim'),
  'peer.disconnected': ({ peer: id }) => did(id, ['is offline'], 'bad'),
  'peer.retired': ({ peer: id }) => did(id, ['was away too long and is retired'], 'bad'),
  'orchestrator.handed_over': ({ by, of, to, note }) =>
    by === to
      ? did(by, ['took over from ', peer(of), below(note)], 'good')
      : sent(by, peer(to), ['goes on for ', peer(of), below(note)]),
  'token.created': ({ by, name, verbs, circles }) =>
    did(by, [`made the token ${name}: ${verbs.join(' ')} in ${circles.join(' ')}`]),
  'token.revoked': ({ by, revoked }) => did(by, ['revoked ', peer(revoked)]),
  'job.created': ({ by, to, kind, job, title }, memory) =>
    sent(by, to === undefined ? `who does ${kind}` : peer(to), [
      thing('job', job, memory),
      `: ${title}`,
    ]),
  'job.claimed': ({ by, job }, memory) => {
    const claims = (memory.attempts.get(job) ?? 0) + 1;
    const again = claims > 1 ? [`, attempt ${claims}`] : [];
    return did(by, ['claimed ', thing('job', job, memory), ...again]);
  },
  'job.updated': updatedJob,
  'job.finished': ({ by, job, outcome, summary }, memory) => {
    const tone = outcome === 'completed' ? 'good' : 'bad';
    return did(by, [thing('job', job, memory), ` ${outcome}: ${summary}`], tone);
  },
  'job.cancelled': ({ by, job, reason }, memory) =>
    did(by, ['cancelled ', thing('job', job, memory), `: ${reason}`]),
  'job.retried': ({ by, job }, memory) => did(by, ['queued ', thing('job', job, memory), ' again']),
  'job.due': ({ id, job, next_at, skipped }, memory) => {
    const due = [thing('job', job, memory), ' is due'];
    if (skipped) return happened([...due, `, but skipped: ${skipped}`]);
    return happened(next_at === undefined ? due : [...due, ': run ', short(id)]);
  },
  'job.lapsed': ({ job, attempt }, memory) =>
    happened([thing('job', job, memory), `: the lease of attempt ${attempt} ended`], 'bad'),
  'job.expired': ({ job }, memory) =>
    happened([thing('job', job, memory), ' is past its deadline'], 'bad'),
  'schedule.created': ({ by, to, schedule, cron, text }, memory) =>
    sent(by, peer(to), [
      thing('schedule', schedule, memory),
      `${cron ? ` (${cron})` : ''}: ${text}`,
    ]),
  'schedule.paused': ({ by, schedule }, memory) =>
    did(by, ['paused ', thing('schedule', schedule, memory)]),
  'schedule.resumed': ({ by, schedule }, memory) =>
    did(by, ['resumed ', thing('schedule', schedule, memory)]),
  'schedule.cancelled': ({ by, schedule }, memory) =>
    did(by, ['cancelled ', thing('schedule', schedule, memory)]),
  'schedule.fired': ({ id, schedule, nominal_at }, memory, time) => {
    const when = ` fired ${late(time - nominal_at)} after its time: `;
    const said = [thing('schedule', schedule, memory), when, short(id)];
    const to = memory.asks.get(schedule)?.to;
    return { ...happened(said), ...(to && { to: peer(to) }) };
  },
  'schedule.skipped': ({ schedule, count, reason }, memory) => {
    const times = count === 1 ? 'a time' : `${count} times`;
    return happened([thing('schedule', schedule, memory), ` skipped ${times}: ${reason}`]);
  },
  'watch.created': watchMade,
  'watch.cancelled': ({ by, watch }) => did(by, ['cancelled watch ', short(watch)]),
  'watch.fired': watchFired,
  'review.touched': ({ by, pr_url, head_sha, title }) =>
    did(by, ['touched ', pull(pr_url), `${atCommit(head_sha)}${below(title)}`]),
  'review.requested': ({ by, of, pr_url }) => sent(by, peer(of), ['review ', pull(pr_url)]),
  'review.marked': ({ by, pr_url, sha }) =>
    did(by, ['reviewed ', pull(pr_url), atCommit(sha)], 'good'),
  'review.forgotten': ({ by, pr_url }) => did(by, ['forgot ', pull(pr_url)], 'dim'),
  'review.moved': ({ from, to }) =>
    happened([from === to ? `${to} is another repository now` : `${from} is ${to} now`]),
  'review.observed': ({ pr_url, state }) => happened([pull(pr_url), ` is ${state}`]),
  'usage.budgeted': budgeted,
  'webhook.added': ({ by, id, url, types = [], kinds = [] }) => {
    const what = [...kinds, ...types].join(' ') || 'everything';
    return did(by, [
      'added the webhook ',
      short(named('webhook', id)),
      ` of ${host(url)}: ${what}`,
    ]);
  },
  'webhook.paused': ({ by, webhook }) => did(by, ['paused the webhook ', short(webhook)]),
  'webhook.resumed': ({ by, webhook }) => did(by, ['resumed the webhook ', short(webhook)]),
  'webhook.removed': ({ by, webhook }) => did(by, ['removed the webhook ', short(webhook)]),
  'webhook.rotated': ({ by, webhook }) =>
    did(by, ['gave the webhook ', short(webhook), ' a new secret']),
  'webhook.taken': ({ by, webhook }) =>
    happened(['broker ', short(by), ' delivers the webhook ', short(webhook)], 'dim'),
  'webhook.released': ({ by, webhook }) =>
    happened(['broker ', short(by), ' gave up the webhook ', short(webhook)], 'dim'),
  'webhook.advanced': ({ webhook, sent: count }) => {
    const what = count === 1 ? '1 event' : `${count} events`;
    return happened(['the webhook ', short(webhook), ` was told of ${what}`], 'dim');
  },
  'webhook.failed': ({ webhook, attempt, ...fault }) =>
    happened(['the webhook ', short(webhook), `, attempt ${attempt}: ${faulty(fault)}`], 'bad'),
  'webhook.disabled': ({ webhook, reason }) =>
    happened(['the webhook ', short(webhook), ` is disabled: ${reason}`], 'bad'),
  'lease.taken': ({ by, mode, project, paths, note }) => {
    const how = mode === 'shared' ? 'shares' : 'works on';
    return did(by, [`${how} ${several(paths)} of ${project}${below(note)}`]);
  },
  'lease.released': ({ by, lease, project = '', paths = [] }, { titles }) => {
    if (lease === undefined) return did(by, [`released ${several(paths)} of ${project}`]);
    return did(by, ['released the lease ', short(lease), below(titles.get(lease))]);
  },
  'lease.lapsed': ({ lease, peer: id, reason }, { titles }) => {
    const why = reason === 'away' ? ', which was away too long,' : '';
    const what = titles.get(lease);
    const free = what === undefined ? '' : `: ${what} is free again`;
    return happened(['the lease ', short(lease), ' of ', peer(id), `${why} has ended${free}`]);
  },
  'deadletter.made': ({ id, webhook, what, ...fault }) =>
    happened(
      [
        ...['dead letter ', short(named('dead', id)), ' of the webhook ', short(webhook)],
        `: ${what}, ${faulty(fault)}`,
      ],
      'bad',
    ),
  'deadletter.retried': ({ by, webhook, letter }) =>
    did(by, ['tries again ', ...letters(webhook, letter)]),
  'deadletter.cleared': ({ by, webhook, letter }) =>
    did(by, ['cleared ', ...letters(webhook, letter)]),
  'deadletter.delivered': ({ letter }) =>
    happened(['dead letter ', short(letter), ' was delivered'], 'good'),
  'deadletter.failed': ({ letter, ...fault }) =>
    happened(['dead letter ', short(letter), ` failed again: ${faulty(fault)}`], 'bad'),
  'board.moved': ({ by, board, item, title = item, from, to, ref }) => {
    const way = from === undefined ? '' : ` from ${from}`;
    const why = ref === undefined ? [] : [' for ', linked(ref)];
    return did(by, [`moved "${title}"${way} to ${to}`, ...why, `, on ${board}`]);
  },
  'board.linked': ({ by, board, item, title = item, ref, remove }) => {
    const what = remove ? 'no longer links' : 'linked';
    return did(by, [`${what} "${title}" with `, linked(ref), `, on ${board}`]);
  },
  'gateway.started': ({ boot }) => happened(['broker ', short(boot), ' started'], 'dim'),
  'gateway.lost': ({ boot }) => happened(['broker ', short(boot), ' was lost'], 'bad'),
  'log.opened': ({ mesh }) => happened([`the log of ${mesh} was opened`], 'dim'),
  'log.checkpointed': ({ sequence }) => happened([`commit ${sequence} was signed`], 'dim'),
  'log.leveled': ({ level }) => happened([`the log is at level ${level}`], 'dim'),
};

/** The record as a sentence, by a memory of what came before it: teach it the record afterwards. */
export function tellingOf({ event, time }: LogRecord, memory: Memory): Telling {
  // A broker may be newer than this program and tell of events it does not know.
  if (!Object.hasOwn(sentences, event.type)) return did(event.by, [event.type]);
  const tell = sentences[event.type] as Sentence<EventType>;
  return tell(event, memory, time);
}

/** Of a URL no more: what follows it may be a secret of its own. */
function host(url: string): string {
  return /^[a-z]+:\/\/([^/?#]*)/.exec(url)?.[1] ?? 'nobody';
}

function letters(webhook: string, letter: string | undefined): TellingPart[] {
  if (letter !== undefined) return ['dead letter ', short(letter)];
  return ['the dead letters of the webhook ', short(webhook)];
}

function listed(refs: readonly string[] | undefined): TellingPart[] {
  return refs?.flatMap((ref, n) => (n === 0 ? [short(ref)] : [' ', short(ref)])) ?? ['its inbox'];
}

function closedAsk(event: EventOf<'ask.closed'>, memory: Memory): Telling {
  const { by, ask, outcome, text, option } = event;
  const told = memory.asks.get(ask);
  const { kind, options = [] } = told?.question ?? {};
  const isGrant = kind === 'permission' && outcome === 'replied';
  const chosen = options.find(({ id }) => id === option)?.label ?? option;
  const how = `${isGrant ? 'granted' : outcome}${chosen ? ` (${chosen})` : ''}${below(text)}`;
  return {
    by: peer(by),
    ...(told && { to: peer(told.from) }),
    said: [thing('ask', ask, memory), ` ${how}`],
    tone: isGrant ? 'good' : 'plain',
  };
}

function updatedJob(event: EventOf<'job.updated'>, memory: Memory): Telling {
  const { by, job, state, phase, progress, note } = event;
  const news: TellingPart[] = [
    ...(state ? [spaced(state)] : []),
    ...(progress === undefined ? [] : [{ kind: 'progress', share: progress } as const]),
    ...(phase ? [phase] : []),
  ].flatMap((part, n) => (n === 0 ? [' ', part] : [', ', part]));
  if (news.length === 0 && !note) return did(by, ['renewed ', thing('job', job, memory)], 'dim');
  return did(by, [thing('job', job, memory), ...news, below(note)]);
}

function budgeted(event: EventOf<'usage.budgeted'>): Telling {
  const { by, peer: id, circle, tokens_per_day, cost_usd_per_day } = event;
  const bounds = [
    tokens_per_day === undefined ? '' : `${tokens_per_day} tokens`,
    cost_usd_per_day === undefined ? '' : `$${cost_usd_per_day}`,
  ].filter(bound => bound !== '');
  const whose: TellingPart = id === undefined ? `circle ${circle}` : peer(id);
  return did(by, ['set the budget of ', whose, `: ${bounds.join(', ') || 'none'}`]);
}
