// Parameters as a client of good will gives them, about things that this run has made.
import type { Chance } from '../dsl/chance.js';
import { uuid } from '../dsl/raw-client.js';
import { hostile, pick, type Value } from './hostile-values.js';

/** Of each kind so many of the newest are spoken of. */
const KEPT = 40;
const kinds = 'peer ask job schedule message token group subscription cursor name position';

/** What answers have named so far. */
export class Known {
  private readonly things = new Map<string, Value[]>(kinds.split(' ').map(kind => [kind, []]));

  learn(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    for (const [key, value] of Object.entries(result)) {
      const list = this.things.get(key);
      if (list === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue;
      list.push(value);
      if (list.length > KEPT) list.shift();
    }
  }

  one(chance: Chance, kind: string): Value {
    return pick(chance, this.things.get(kind) ?? []) ?? `${kind}_${uuid()}`;
  }
}

const words = ['a', 'default', 'east', 'constructor', 'tostring', 'valueof', 'length', 'x.y-z'];
const states =
  'idle working awaiting_input running blocked open closed queued claimed completed active';

/** Values that the schemas let through, odd ones among them where anything goes. */
const makers: Readonly<Record<string, (chance: Chance, known: Known) => Value>> = {
  id: () => uuid(),
  to: (c, k) => pick(c, [k.one(c, 'peer'), k.one(c, 'name'), [k.one(c, 'peer')]]),
  of: (c, k) => k.one(c, 'peer'),
  owner: (c, k) => k.one(c, 'peer'),
  circle: c => pick(c, [...words, '*']),
  circles: c => pick(c, [['*'], [pick(c, words)]]),
  name: c => pick(c, words),
  role: c => pick(c, ['agent', 'orchestrator', 'service', 'human', 'user', 'assistant']),
  roles: () => ['agent', 'human'],
  verbs: c => pick(c, [['observe'], ['observe', 'speak'], ['observe', 'speak', 'operate']]),
  secret: () => 's'.repeat(40),
  min_position: c => pick(c, [0, 4096]),
  state: c => pick(c, states.split(' ')),
  usage: () => ({ model: 'constructor', input_tokens: 1, output_tokens: 1 }),
  outcome: c =>
    pick(c, ['replied', 'acknowledged', 'declined', 'cancelled', 'completed', 'failed']),
  option: c => pick(c, words),
  timeout_s: c => pick(c, [0, 1]),
  wait_s: () => 0,
  claim_s: () => 0,
  ttl_s: () => 60,
  lease_s: () => 1,
  quorum: () => 1,
  max: c => pick(c, [1, 100]),
  direction: c => pick(c, ['in', 'out', 'both']),
  question: c =>
    pick<Value>(c, [
      { kind: 'text' },
      { kind: 'permission' },
      { kind: 'choice', options: options() },
    ]),
  deadline_at: c => pick(c, ['1s', '90s', '2h']),
  expires_at: c => pick(c, ['1s', '2h']),
  due_at: c => pick(c, ['1s', '2h']),
  fire_at: c => pick(c, ['1s', '2h', '2027-01-01']),
  until: () => '3d',
  reply_to: (c, k) => k.one(c, 'ask'),
  caused_by: (c, k) => pick(c, [k.one(c, 'ask'), k.one(c, 'message')]),
  supersedes: (c, k) => k.one(c, 'message'),
  ref: (c, k) => pick(c, [k.one(c, 'ask'), k.one(c, 'message'), k.one(c, 'job')]),
  refs: (c, k) => [k.one(c, 'ask'), k.one(c, 'message')],
  up_to: (c, k) => k.one(c, 'position'),
  generation: () => 1,
  backlog: c => pick(c, ['deliver', 'digest', 'drop']),
  attempt: () => 1,
  attempts_max: () => 2,
  recurrence: () => ({ cron: '* * * * *', zone: 'UTC' }),
  cron: c => pick(c, ['* * * * *', '@daily', '0 9 29 2 *']),
  zone: c => pick(c, ['UTC', 'Europe/Berlin']),
  kind: c => pick(c, ['general', 'constructor', 'notify', 'ask']),
  catch_up: c => pick(c, ['last', 'all', 'skip']),
  overlap: c => pick(c, ['skip', 'allow']),
  mine: c => chance50(c),
  offline: c => chance50(c),
  self: c => chance50(c),
  progress: () => 0.5,
  result: c => ({ odd: hostile(c), constructor: 1, toJSON: hostile(c) }),
  pr_url: c => `https://github.com/a/b/pull/${1 + Math.floor(c() * 9)}`,
  head_sha: () => 'a'.repeat(40),
  sha: () => 'b'.repeat(40),
  from: (c, k) => pick(c, ['start', 'now', { time: 0 }, k.one(c, 'cursor')]),
  filter: c =>
    pick<Value>(c, [{}, { kinds: ['constructor'] }, { circles: ['default'] }, { peers: [] }]),
  after: (c, k) => pick(c, [k.one(c, 'ask'), k.one(c, 'peer'), '']),
  code: () => 'c'.repeat(40),
  attachments: () => [{ name: 'n', text: 't' }],
};

function chance50(chance: Chance): boolean {
  return chance() < 0.5;
}

function options(): Value {
  return [
    { id: 'constructor', label: 'A' },
    { id: 'b', label: 'B' },
  ];
}

/** A value of good will for a parameter of this name. */
export function plausible(parameter: string, chance: Chance, known: Known): Value {
  const maker = makers[parameter];
  if (maker !== undefined) return maker(chance, known);
  return kinds.split(' ').includes(parameter) ? known.one(chance, parameter) : 'a word';
}
