// The events of the noun watch, and the table of its conditions: what each is of, and its bound.
import { maybeOneOf, oneOf } from '../shape.js';
import { named } from '../uuid.js';
import { event } from './row.js';

export const watchActions = ['notify', 'ask'] as const;
export const watchQueues = ['inbox', 'jobs'] as const;
/** Why what fired was told nobody. */
export const unsaidReasons = ['inbox_full', 'unauthorized'] as const;
export type UnsaidReason = (typeof unsaidReasons)[number];

/** What is given to a condition beside where names are looked up. */
export interface ConditionShape {
  /** One of these at most says what is watched. */
  of: readonly string[];
  /** What that is where none of them is given; absent where one must be. */
  otherwise?: string;
  /** One of these exactly is the bound. */
  bound: readonly string[];
  /** These may be given, too. */
  also: readonly string[];
  holds: string;
}

export const watchConditions = {
  'peer.offline': {
    of: ['peer'],
    bound: ['for_s'],
    also: [],
    holds: 'the peer has been offline for so long; one that has left counts',
  },
  'ask.older_than': {
    of: ['ask', 'by_me', 'peer'],
    otherwise: 'by_me',
    bound: ['age_s'],
    also: [],
    holds: 'an ask has been open for so long: that one, any of mine, or any to the peer',
  },
  'job.silent': {
    of: ['job', 'owner', 'kind'],
    otherwise: 'my own jobs',
    bound: ['for_s'],
    also: [],
    holds: 'the worker of a job has said nothing for so long, or lost its lease and nobody came',
  },
  'queue.deeper_than': {
    of: ['queue'],
    bound: ['depth'],
    also: ['peer', 'kind', 'for_s'],
    holds: 'more than so many items wait in an inbox, or jobs that anyone may claim in a circle',
  },
  'budget.above': {
    of: ['peer', 'circle'],
    otherwise: 'my own use',
    bound: ['percent', 'tokens', 'cost_usd'],
    also: [],
    holds: 'use today (UTC) has reached so much of the budget, so many tokens, or such a cost',
  },
} as const satisfies Record<string, ConditionShape>;
export type WatchCondition = keyof typeof watchConditions;
export const conditionNames = Object.keys(watchConditions) as WatchCondition[];

/** Every parameter of some condition; `circle` says where names are looked up in any of them. */
export const conditionFields = [
  'peer',
  'ask',
  'by_me',
  'job',
  'owner',
  'queue',
  'kind',
  'for_s',
  'age_s',
  'depth',
  'percent',
  'tokens',
  'cost_usd',
] as const;

type GivenCondition = { readonly [K in (typeof conditionFields)[number] | 'circle']?: unknown } & {
  when: WatchCondition;
};

/**
 * What does not fit the condition, as words that go on after its name; undefined when all does. A
 * field may be `called` otherwise where it is given.
 */
export function conditionProblem(
  given: GivenCondition,
  called: (field: string) => string = field => field,
): string | undefined {
  const shape = watchConditions[given.when];
  const { of, bound, also } = shape;
  const list = (fields: readonly string[], between: string) =>
    fields
      .map(called)
      .filter(word => word !== '')
      .join(between);
  const known: readonly string[] = [...of, ...bound, ...also];
  const said: readonly string[] = conditionFields.filter(name => given[name] !== undefined);
  const strange = said.find(name => !known.includes(name));
  if (strange !== undefined) return `takes no ${called(strange)}; it takes ${list(known, ', ')}`;
  // A circle beside a name only says where that is looked up.
  const named = of.filter(name => said.includes(name));
  if (named.length > 1) return `is of one of ${list(of, ', ')}, not of several`;
  if (named.length === 0 && !('otherwise' in shape)) return `needs ${list(of, ' or ')}`;
  if (given.queue === 'inbox' && given.kind !== undefined)
    return `of an inbox takes no ${called('kind')}`;
  if (given.queue === 'jobs' && given.peer !== undefined)
    return `of jobs takes no ${called('peer')}`;
  const bounded = bound.filter(name => said.includes(name));
  return bounded.length === 1 ? undefined : `needs ${list(bound, ' or ')}`;
}

const watch = { watch: 'string' } as const;
const refs = (e: { watch: string }) => [e.watch];

export const watchEvents = {
  // `in_circle` is whose jobs or whose budget it is about.
  'watch.created': event({
    since: 3,
    by: 'speak',
    methods: ['watch.create'],
    fields: {
      ...watch,
      to: 'string',
      when: oneOf(conditionNames),
      peer: 'string?',
      ask: 'string?',
      by_me: 'boolean?',
      job: 'string?',
      owner: 'string?',
      queue: maybeOneOf(watchQueues),
      kind: 'string?',
      in_circle: 'string?',
      for_s: 'number?',
      age_s: 'number?',
      depth: 'number?',
      percent: 'number?',
      tokens: 'number?',
      cost_usd: 'number?',
      tell: oneOf(watchActions),
      text: 'string?',
      once: 'boolean',
      quiet_s: 'number',
      until: 'number?',
      caused_by: 'string?',
      hops: 'number?',
      replies: 'number?',
    },
    refs: e => [e.watch, ...[e.ask, e.job].filter(ref => ref !== undefined)],
    makes: { watch: refs },
  }),
  'watch.cancelled': event({
    since: 3,
    by: 'speak',
    methods: ['watch.cancel'],
    fields: watch,
    refs,
  }),
  // Fires all causes that were due by `up_to`, of which `about` names the first few. `number`
  // counts the fires of the watch: of two brokers that propose the same one, the other is stale.
  // What is said bears the id of the event: `msg_<id>` or `ask_<id>`.
  'watch.fired': event({
    since: 3,
    by: 'broker',
    timed: true,
    fields: {
      ...watch,
      number: 'number',
      up_to: 'number',
      about: 'strings',
      unsaid: maybeOneOf(unsaidReasons),
    },
    refs: e => [
      e.watch,
      ...e.about.filter(subject => /^(ask|job)_/.test(subject)),
      named('msg', e.id),
      named('ask', e.id),
    ],
    makes: { msg: e => [named('msg', e.id)], ask: e => [named('ask', e.id)] },
  }),
};
