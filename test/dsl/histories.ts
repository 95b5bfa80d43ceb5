// Random histories, lively and hostile: what no broker would write stands beside what any might.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { decodeCommit, encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import type { Delivery } from '../../broker/core/words.js';
import { compact, pack } from '../../schemas/codec.js';
import type { Role } from '../../schemas/common.js';
import { OPERATOR } from '../../schemas/uuid.js';
import type { Dice } from './dice.js';
import * as p from './events.js';
import { askNo, type Draft, msgNo, type Person, person, T0, tokenNo } from './events.js';
import { askDrafts, firstAsks } from './histories-asks.js';
import { boardDrafts } from './histories-boards.js';
import { handoverDrafts } from './histories-handovers.js';
import { firstJobs, jobDrafts } from './histories-jobs.js';
import { firstLeases, leaseDrafts } from './histories-leases.js';
import { ledgerDrafts } from './histories-ledger.js';
import { reviewDrafts } from './histories-reviews.js';
import { scheduleDrafts } from './histories-schedules.js';
import { firstWatches, watchDrafts } from './histories-watches.js';
import { firstHooks, webhookDrafts } from './histories-webhooks.js';

// A law takes as long as a busy machine makes it; the runner ends what hangs.
t.setTimeout(0);

const circles = ['default', 'elsewhere'];
const tokens = [OPERATOR, OPERATOR, tokenNo(1), tokenNo(2)];
const boots = ['boot_a', 'boot_b', 'boot_c'];
const roles: Role[] = ['agent', 'orchestrator', 'human'];
const outcomes = ['replied', 'cancelled', 'declined', 'cancelled', 'nonsense'];
export const people: readonly Person[] = ['web', 'api', 'db', 'far', 'orch'].map((name, n) =>
  person(name, { circle: circles[n % 2]!, token: tokens[n % 4]!, role: roles[n % 3]! }),
);

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
export const THINGS = 10;

/** Thing n is said by, and to, the same two in most of what is made up about it. */
export const sayer = (n: number) => pick(people, n);
export const hearer = (n: number) => pick(people, n + 1);

type Maker = (dice: Dice) => Draft;

const lively: Maker[] = [
  d => p.asks(d.thing, sayer(d.thing), hearer(d.thing), d.text),
  d => p.asks(d.thing, hearer(d.other), sayer(d.other), d.text, { reply_to: askNo(d.other) }),
  d => p.asks(d.thing, hearer(d.other), whom(d), d.text, { reply_to: askNo(d.other), hops: 1 }),
  d => p.closes(hearer(d.other), d.other, pick(outcomes, d.to), { text: d.text }),
  d => p.closes(d.to % 2 ? sayer(d.other) : hearer(d.other), d.other, pick(outcomes, d.to)),
  d => p.tells(d.thing, sayer(d.thing), hearer(d.thing), d.text),
  d => p.tells(d.thing, sayer(d.thing), whom(d), d.text, { expires_at: T0 + 900 * d.other }),
  d => p.tells(d.thing, sayer(d.other), hearer(d.other), d.text, { supersedes: msgNo(d.other) }),
  d => p.digests(d.thing, sayer(d.thing), hearer(d.thing), d.text),
  d => p.digests(d.thing, who(d), hearer(d.other), d.text),
  d => p.tells(d.thing, sayer(d.other), hearer(d.other), d.text, again(d)),
  d => p.calls(d.thing, sayer(d.thing), d.text),
  d => p.retracts(sayer(d.other), d.other),
  d => p.sees(hearer(d.other), askNo(d.other), msgNo(d.thing), msgNo(d.other)),
  d => p.acks(hearer(d.other), { up_to: 4096 * d.other, generation: d.thing % 3 }),
  d => p.handed(hearer(d.other), { session: sessionOf(d), refs: thingsOf(d) }),
  d => p.handed(hearer(d.other), { session: sessionOf(d), seen: thingsOf(d) }),
  d => p.handed(hearer(d.other), { session: sessionOf(d), refs: thingsOf(d), known: undefined }),
  d => p.takes(who(d)),
  d => p.joins(who(d), { boot: pick(boots, d.other) }),
  d => p.connects(who(d), pick(boots, d.other)),
  d => p.disconnects(who(d), pick(boots, d.other)),
  d => p.turns(who(d), d.other % 2 ? 'working' : 'idle'),
  d => p.turns(who(d), 'idle', { can: ableTo(d) }),
];

const rare: Maker[] = [
  d => p.joins(who(d), { boot: pick(boots, d.other), circle: pick(circles, d.thing) }),
  d => p.joins(who(d), { can: ableTo(d) }),
  d => p.joinsAway(who(d), { token: pick(tokens, d.other) }),
  d => p.leaves(who(d)),
  d => (d.other % 4 ? p.leaves(who(d)) : p.kills(whom(d))),
  d => p.renames(who(d), pick(people, d.to).name),
  d => p.asks(d.thing, who(d), whom(d), d.text, { hops: 3 * d.other }),
  d => p.asks(d.thing, who(d), whom(d), d.text, { circle: pick(circles, d.other) }),
  d => p.tells(d.thing, who(d), whom(d), d.text, { backlog: 'drop' }),
  d => p.closes(who(d), d.other, pick(outcomes, d.to)),
  d => p.retracts(who(d), d.other),
  d => p.makesToken(1 + (d.thing % 4), { circles: [pick(circles, d.other)] }),
  d => p.revokes(1 + d.other),
  d => p.started(pick(['gateway_of_boot_a', 'gateway_b'], d.other), pick(boots, d.thing)),
  d => p.lost(pick(boots, d.other)),
  d => p.opened(`log_${d.other}`, { replaces: `log_${d.thing}` }),
  d => p.broker('log.leveled', { level: d.other % 2 }),
];

const pairs = lively.slice(0, 5);
const base = [...pairs, ...pairs, ...lively, ...lively, ...lively, ...rare];
const ledger = ledgerDrafts(people);
const nouns = [
  [...askDrafts(people, sayer, hearer), ...handoverDrafts(people)],
  reviewDrafts(people),
  jobDrafts(sayer, hearer),
  scheduleDrafts(people),
  watchDrafts(people),
  ledger,
  webhookDrafts(people, boots),
  boardDrafts(people),
  leaseDrafts(people),
];
/** A history dwells on one noun, or on all: were it always all, each would be seldom met twice. */
const themes = [nouns.flat(), ...nouns];

const again = ({ other }: Dice) => ({ backlog: 'digest' as const, supersedes: msgNo(other) });

const sessionOf = ({ to }: Dice) => `session-${to % 2}`;
const ableTo = ({ other, text }: Dice) => ({ drain: other % 2 === 0, wake_idle: text, more: text });
const thingsOf = ({ other, thing }: Dice) => [askNo(other), msgNo(thing), msgNo(other)];

function who(dice: Dice): Person {
  return pick(people, dice.who);
}

function whom(dice: Dice): Person {
  return pick(people, dice.to);
}

/** An id that is new, or was used before by whatever else, or comes from long ago or ahead. */
function idOf({ id, thing }: Dice): string {
  if (id < 900) return p.uuid(1_000 + id * THINGS + thing);
  if (id < 960) return p.uuid(thing);
  if (id < 980) return p.uuid(200_000 + thing);
  return id < 990 ? 'no-uuid' : p.uuid(500 + (id % 3));
}

interface Packed {
  type: string;
  circles: string[];
  bytes: Uint8Array;
}

/** The event's bytes, now and then not what they ought to be. */
function packed(dice: Dice, kinds: readonly Maker[]): Packed {
  const draft = pick(kinds, dice.kind)(dice);
  const event = compact({ v: 1, ...draft, id: idOf(dice) }) as Record<string, unknown>;
  const mark = { type: draft.type as string, circles: [String(event.circle)] };
  // A level above ours rightly ends the fold, so no level is made up here.
  const keys = Object.keys(event).filter(name => name !== 'level');
  const key = pick(keys, dice.other);
  switch (dice.flaw) {
    case 0:
      return { ...mark, type: 'job.sung', bytes: pack({ ...event, type: 'job.sung' }) };
    case 1:
      return { ...mark, bytes: pack(event).subarray(0, dice.thing) };
    case 2:
      return { ...mark, bytes: Uint8Array.from([0xc1, dice.thing, dice.other]) };
    case 3:
      return { ...mark, bytes: pack({ ...event, [key]: pick([7, null, '', [], {}], dice.to) }) };
    case 4:
      return { ...mark, type: pick(['peer.left', 'constructor', ''], dice.to), bytes: pack(event) };
    case 5:
      return { ...mark, bytes: pack({ ...event, by: pick(people, dice.other).peer }) };
    case 6:
      return { ...mark, bytes: pack({ ...event, token: tokenNo(dice.thing) }) };
    default:
      return { ...mark, bytes: pack(event) };
  }
}

const die = (max: number) => fc.nat({ max: max - 1 });
const dice: fc.Arbitrary<Dice> = fc.record({
  kind: die(10_000),
  who: die(people.length),
  to: die(people.length),
  thing: die(THINGS),
  other: die(THINGS),
  id: die(1_000),
  text: fc.constantFrom('yes', 'no\nnever', '🚂'.repeat(90), 'x'.repeat(300)),
  flaw: die(90),
});

interface Write {
  events: Dice[];
  boot: number;
  /** How far its number steps on: 0 is a repeat. */
  step: number;
  pause: number;
  skew: number;
  garbage: number;
}

const write: fc.Arbitrary<Write> = fc.record({
  events: fc.array(dice, { maxLength: 6, size: 'max' }),
  boot: die(boots.length),
  step: fc.constantFrom(1, 1, 1, 1, 1, 0, 3),
  pause: fc.constantFrom(0, 1, 10, 700, 9_000, 31_000),
  skew: fc.constantFrom(0, 0, 0, -5_000, 5_000, 100_000),
  garbage: die(30),
});

/** Long enough for who is away to be given up, in ms; so many commits in between. */
const MONTH = 31 * 86_400_000;
const LONG_AWAY_WRITES = 5;

/** Everybody is here, so that what follows is seldom about nobody. */
function opening(): Uint8Array {
  const drafts = [
    p.opened(),
    ...boots.map(boot => p.started(`gateway_of_${boot}`, boot)),
    ...firstHooks(1 + boots.length),
    p.makesToken(1),
    p.makesToken(2, { circles: ['elsewhere'] }),
    ...people.map(one => p.joins(one)),
    ...firstAsks(sayer, hearer),
    ...firstJobs(sayer, hearer),
    ...firstLeases(people),
    ...firstWatches(people),
  ];
  const events = drafts.map((draft, n) => compact({ v: 1, id: p.uuid(50 + n), ...draft }));
  const marks = events.map(event => ({ type: event.type, circles: ['*'], bytes: pack(event) }));
  return encodeCommit({ boot: 'boot_a', number: 1, clock: T0, events: marks });
}

/** A log: from its opening through commits whose times jump and whose bytes cannot be trusted. */
export const history: fc.Arbitrary<Delivery[]> = fc
  .tuple(die(themes.length), fc.array(write, { minLength: 1, maxLength: 24, size: 'max' }))
  .map(([theme, writes]) => {
    const own = themes[theme]!;
    const times = Math.ceil(base.length / 2 / own.length);
    const kinds = [...base, ...Array.from({ length: times }, () => own).flat()];
    const log = [{ sequence: 1, storedAt: T0, bytes: opening() }];
    const numbers = new Map([['boot_a', 1]]);
    let now = T0;
    for (const [n, { events, boot, step, pause, skew, garbage }] of writes.entries()) {
      now += pause;
      if (own === ledger && n % LONG_AWAY_WRITES === LONG_AWAY_WRITES - 1) now += MONTH;
      const writer = pick(boots, boot);
      const number = (numbers.get(writer) ?? 0) + step;
      numbers.set(writer, number);
      const bytes = encodeCommit({
        boot: writer,
        number,
        clock: now + skew,
        events: events.map(dice => packed(dice, kinds)),
      });
      const spoilt = garbage === 0 ? bytes.subarray(0, bytes.length - 3) : bytes;
      log.push({
        sequence: log.length + 1,
        storedAt: now - skew,
        bytes: garbage === 1 ? Uint8Array.of(1, 2) : spoilt,
      });
    }
    return summed(log);
  });

/** A counterexample says what was said, not its thousands of bytes. */
function summed(log: Delivery[]): Delivery[] {
  const line = ({ sequence, bytes }: Delivery) => {
    const commit = decodeCommit(bytes);
    const types = commit?.events.map(({ type }) => type).join(' ');
    return `${sequence}: ${commit?.boot}.${commit?.number} at ${commit?.clock} ${types}`;
  };
  return Object.defineProperty(log, fc.toStringMethod, { value: () => log.map(line).join('\n') });
}

/** How many runs a law gets: a seed and a count from outside repeat or deepen a run. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  const { SEED, RUNS } = process.env;
  return { numRuns: Number(RUNS ?? numRuns), ...(SEED && { seed: Number(SEED) }) };
}

/** Turn after turn, by its number, until all has been met; false when that takes too many. */
export function untilMet(isMet: () => boolean, turn: (n: number) => void): boolean {
  for (let n = 1; n <= TURNS && !isMet(); n++) turn(n);
  return isMet();
}

const TURNS = 100;

/** A planted bug: the law must report it, sooner or later: one short run may miss it by chance. */
export function finds(t: Test, law: () => void, mutant: string): void {
  // That it is found matters here, not how small the example can be made.
  fc.configureGlobal({ endOnFailure: true });
  t.ok(
    Array.from({ length: 20 }).some(() => isReported(law)),
    `found out: ${mutant}`,
  );
  fc.resetConfigureGlobal();
}

function isReported(law: () => void): boolean {
  try {
    law();
    return false;
  } catch {
    return true;
  }
}
