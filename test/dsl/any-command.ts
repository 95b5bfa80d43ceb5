// Any command of the protocol, about the people and things of the random histories.
import fc from 'fast-check';
import { type CommandName, methods, type Params, type Parsed } from '../../schemas/method.js';
import * as p from './events.js';
import { askNo, type Draft, msgNo, type Person, T0, tokenNo } from './events.js';
import { askOf } from './events-asks.js';
import { boardNo, itemNo } from './events-boards.js';
import { claims, finishes, jobNo, makesJob } from './events-jobs.js';
import { APP, leaseNo, takesFiles } from './events-leases.js';
import { pull, sha, touches } from './events-reviews.js';
import { pauses, plans, schedNo } from './events-schedules.js';
import { watches, watchNo } from './events-watches.js';
import { adds, hookNo, letterNo, takesHook } from './events-webhooks.js';
import { hearer, people, sayer, THINGS } from './histories.js';

/** The things of the commands are numbered apart from those of the histories. */
const [ASKS, MESSAGES, JOBS, SCHEDULES, PULLS, HOOKS] = [100, 200, 300, 400, 500, 600];
const LEASES = 700;
const WATCHES = 800;

/** Whatever came before, everybody is here, and thing n is said by and to the same two. */
export function things(): Draft[] {
  const all = Array.from({ length: THINGS }, (_, n) => {
    const [by, to] = [sayer(n), hearer(n)];
    return [
      p.asks(ASKS + n, by, to),
      p.tells(MESSAGES + n, by, to, 'x'),
      makesJob(JOBS + n, by, { circle: to.circle }),
      ...(n % 3 ? [claims(to, JOBS + n, { circle: to.circle })] : []),
      ...(n % 3 > 1 ? [finishes(to, JOBS + n, 1, { circle: to.circle, outcome: 'failed' })] : []),
      plans(SCHEDULES + n, by, to, { cron: '@yearly', zone: 'UTC' }),
      ...(n % 2 ? [pauses(by, SCHEDULES + n)] : []),
      watches(WATCHES + n, by, to, { when: 'ask.older_than', peer: to.peer, age_s: 60 }),
      touches(by, PULLS + n, { head_sha: sha(n) }),
      adds(HOOKS + n, { circles: [to.circle] }),
      takesHook(HOOKS + n),
      takesFiles(LEASES + n, by, [`src/${n}`]),
    ];
  });
  return [...people.map(one => p.joins(one)), ...all.flat()];
}

interface Roll {
  to: Person;
  /** Which ask, message, job, … it is about. */
  n: number;
  m: number;
}

type Makers = { [M in CommandName]: (roll: Roll) => Omit<Params<M>, 'id'> };

const leads = people.filter(({ role }) => role === 'orchestrator');
const odd = ({ m }: Roll) => m % 2 === 1;
const one = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
const ask = ({ n, m }: Roll) => (m < 9 ? askNo(ASKS + n) : askOf(n, 1 + (m % 3)));
const message = ({ n }: Roll) => msgNo(MESSAGES + n);
const job = ({ n }: Roll) => jobNo(JOBS + n);
const attempt = ({ m }: Roll) => (m > 6 ? m - 7 : 1);
const schedule = ({ n }: Roll) => ({ schedule: schedNo(SCHEDULES + n) });
const watch = ({ n }: Roll) => ({ watch: watchNo(WATCHES + n) });
const webhook = ({ n }: Roll) => ({ webhook: hookNo(HOOKS + n) });
const item = ({ n }: Roll) => ({ board: boardNo(1), item: itemNo(n) });
const files = ({ n, m }: Roll) => ({ project: APP, paths: [m > 7 ? '.' : `src/${m > 5 ? m : n}`] });
const review = ({ n }: Roll) => ({ pr_url: pull(PULLS + n) });

const makers: Makers = {
  'peer.join': r => ({ name: r.to.name, peer: r.to.peer, secret: r.to.secret }),
  'peer.leave': () => ({}),
  'peer.rename': r => ({ name: odd(r) ? r.to.name : `new-${r.n}` }),
  'peer.describe': () => ({ text: 'busy' }),
  'peer.turn': r => ({ state: odd(r) ? 'working' : 'idle' }),
  'peer.kill': r => ({ peer: r.to.peer }),
  'orchestrator.handover': r => ({
    from: one(leads, r.n).peer,
    ...(r.m % 3 > 0 && { to: one(leads, r.n + 1).peer }),
    ...(odd(r) && { note: 'gone home' }),
    force: r.m > 5,
  }),
  'ask.open': r => ({
    to: r.to.peer,
    text: '?',
    ...(odd(r) && { reply_to: askNo(ASKS + r.n) }),
    ...(r.m > 6 && { caused_by: message(r) }),
  }),
  'ask.close': r => ({
    ask: ask(r),
    outcome: one(['replied', 'cancelled', 'declined', 'denied'] as const, r.m),
    ...(r.m % 3 === 0 && { option: 'y' }),
  }),
  'ask.fan_out': r => ({ to: [r.to.peer, one(people, r.n).peer], text: '?', quorum: 1 }),
  'notify.send': r => ({ to: r.to.peer, text: '!', ...(odd(r) && { supersedes: message(r) }) }),
  'broadcast.send': () => ({ text: 'all' }),
  'message.retract': r => ({ message: message(r) }),
  'inbox.subscribe': () => ({}),
  'inbox.drain': r => ({ session: `s${r.n % 2}`, proof: odd(r), again: r.m % 3 === 0 }),
  'inbox.ack': r => ({
    generation: r.m % 3,
    ...(odd(r) ? { up_to: 4096 * r.n } : { refs: [message(r)] }),
  }),
  'job.create': r => ({ title: 'job', ...(odd(r) && { to: r.to.peer, circle: r.to.circle }) }),
  'job.claim': r => ({ job: job(r) }),
  'job.update': r => ({ job: job(r), attempt: attempt(r) }),
  'job.finish': r => ({ job: job(r), attempt: attempt(r), outcome: 'completed', summary: 'done' }),
  'job.cancel': r => ({ job: job(r), reason: 'enough' }),
  'job.retry': r => ({ job: job(r) }),
  'schedule.create': r => ({ to: r.to.peer, text: '!', fire_at: T0 + 90 * 86_400_000 * 365 }),
  'schedule.cron': r => ({ to: r.to.peer, text: '!', cron: '@daily' }),
  'schedule.self': () => ({ text: '!', cron: '@hourly' }),
  'schedule.pause': schedule,
  'schedule.resume': schedule,
  'schedule.cancel': schedule,
  'watch.create': r => ({
    to: r.to.peer,
    ...(odd(r)
      ? { when: 'ask.older_than', ask: ask(r), age_s: 60 }
      : { when: 'job.silent', job: job(r), for_s: 60 }),
    tell: r.m > 4 ? 'ask' : 'notify',
  }),
  'watch.cancel': watch,
  'review.touch': r => ({ ...review(r), head_sha: sha(r.m % 3) }),
  'review.request': r => ({ ...review(r), of: r.to.peer }),
  'review.mark': r => ({ ...review(r), ...(odd(r) && { sha: sha(r.m % 3) }) }),
  'review.forget': review,
  'lease.take': r => ({ ...files(r), ...(odd(r) && { mode: 'shared' }) }),
  'lease.release': r => (odd(r) ? { lease: leaseNo(LEASES + r.n) } : files(r)),
  'usage.budget': r => ({
    tokens_per_day: r.m,
    ...(odd(r) ? { peer: r.to.peer } : { circle: r.to.circle }),
  }),
  'webhook.add': r => ({
    url: 'https://receiver.example.com/in',
    circles: [r.to.circle],
    ...(odd(r) && { kinds: ['ask'] }),
  }),
  'webhook.pause': webhook,
  'webhook.resume': r => ({ ...webhook(r), from_now: odd(r) }),
  'webhook.remove': webhook,
  'webhook.rotate': webhook,
  'deadletter.retry': r => (odd(r) ? webhook(r) : { letter: letterNo(HOOKS + r.n) }),
  'deadletter.clear': r => (odd(r) ? webhook(r) : { letter: letterNo(HOOKS + r.n) }),
  'board.move': r => ({
    ...item(r),
    from: 'Todo',
    to: odd(r) ? 'Done' : 'In Progress',
    status: odd(r) ? 'done' : 'in_progress',
    ...(r.m > 6 && { ref: job(r) }),
  }),
  'board.link': r => ({ ...item(r), ref: job(r), remove: odd(r) }),
  'token.create': r => ({ name: 'ci', circles: [r.to.circle], roles: ['agent'], verbs: ['speak'] }),
  'token.revoke': r => ({ token: tokenNo(1 + (r.n % 4)) }),
};

export const commandNames = Object.keys(makers) as CommandName[];
const nounOf = (name: string) => name.slice(0, name.indexOf('.'));
/** A noun of many commands comes up as often as they are many. */
const nouns = commandNames.map(nounOf);

export interface AnyCommand {
  who: Person;
  method: CommandName;
  params: Parsed<CommandName> & { id: string };
}

/** Ids count from here: clear of those of the histories, and not a minute ahead of them. */
const FIRST_ID = 20_000;

/** Commands of one noun, about one thing, by those whom it concerns: rivals more often than not. */
export const rivals: fc.Arbitrary<((id: number) => AnyCommand)[]> = fc
  .tuple(fc.constantFrom(...nouns), fc.nat(THINGS - 1))
  .chain(([noun, n]) => fc.array(commandAbout(noun, n), { minLength: 1, maxLength: 5 }));

function commandAbout(noun: string, n: number): fc.Arbitrary<(id: number) => AnyCommand> {
  const own = commandNames.filter(name => nounOf(name) === noun);
  const concerned = [sayer(n), hearer(n)];
  return fc
    .record({
      method: fc.constantFrom(...own, ...own, ...own, 'peer.leave' as const),
      who: fc.constantFrom(...concerned, ...concerned, ...people),
      to: fc.constantFrom(...concerned, ...people),
      m: fc.nat(9),
    })
    .map(({ method, who, ...roll }) => at => {
      const id = p.uuid(FIRST_ID + at);
      const params = methods[method].params.parse({ ...makers[method]({ ...roll, n }), id });
      return { who, method, params: params as AnyCommand['params'] };
    });
}
