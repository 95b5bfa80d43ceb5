// The law of handovers: random days of asks, mail, jobs and plans against a naive model of them.
import fc from 'fast-check';
import t from 'tap';
import { isEnded } from '../../../broker/core/rows/jobs.js';
import { fromSnapshot, toSnapshot } from '../../../broker/core/rows/snapshot.js';
import type { Table } from '../../../broker/core/rows/table.js';
import * as p from '../../dsl/events.js';
import { type Draft, db, type Person, web } from '../../dsl/events.js';
import { boss, deputy, takesOver, third } from '../../dsl/events-handovers.js';
import * as j from '../../dsl/events-jobs.js';
import * as s from '../../dsl/events-schedules.js';
import { runs } from '../../dsl/histories.js';
import { Mesh } from '../../dsl/test-log.js';

const everybody = [boss, deputy, third, web, db];
const leads = [boss, deputy, third];

interface Step {
  kind: number;
  who: number;
  to: number;
  n: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(9),
  who: fc.nat(4),
  to: fc.nat(4),
  n: fc.nat(5),
});

/** Two peers a thing is between, by their ids: who asked, made or said it, and who is to do it. */
interface Between {
  from: string;
  to: string;
}

/** As anybody would write it down: a list of each kind, rewritten line by line at a handover. */
class Naive {
  readonly asks = new Map<number, Between>();
  readonly jobs = new Map<number, Between>();
  readonly plans = new Map<number, Between>();
  /** By peer, what waits to be seen. */
  readonly mail = new Map(everybody.map(({ peer }) => [peer, new Set<string>()]));

  put(peer: string, ref: string): void {
    this.mail.get(peer)?.add(ref);
  }

  take(peer: string, ref: string): void {
    this.mail.get(peer)?.delete(ref);
  }

  handOver(of: string, to: string): void {
    const owed = [...this.asks].filter(([, ask]) => ask.to === of && ask.from !== to);
    const named = [...this.asks].filter(([, ask]) => ask.to === of && ask.from === of);
    for (const list of [this.asks, this.jobs, this.plans]) {
      for (const each of list.values()) {
        if (each.from === of) each.from = to;
        if (each.to === of) each.to = to;
      }
    }
    for (const ref of this.mail.get(of) ?? []) this.put(to, ref);
    this.mail.get(of)?.clear();
    // What was seen and never answered is shown again, but for what one owes oneself.
    for (const [n] of owed) if (!named.some(([m]) => m === n)) this.put(to, p.askNo(n));
  }
}

interface Day {
  mesh: Mesh;
  naive: Naive;
  /** The number of the next thing of whatever kind. */
  next: number;
}

/** Says something, and writes down what it means unless the log found it void. */
function live({ mesh, naive, ...day }: Day, { kind, who, to, n }: Step): number {
  const author = everybody[who]!;
  const other = everybody[to]!;
  let { next } = day;
  const say = (draft: Draft) => mesh.one(draft).void === undefined;
  const open = [...naive.asks][n % Math.max(1, naive.asks.size)];
  switch (kind) {
    case 0:
    case 1:
      if (!say(p.asks(++next, author, other))) break;
      naive.asks.set(next, { from: author.peer, to: other.peer });
      naive.put(other.peer, p.askNo(next));
      break;
    case 2:
      if (open !== undefined) close({ mesh, naive, next }, open, everybody);
      break;
    case 3:
      if (say(p.tells(++next, author, other, 'news'))) naive.put(other.peer, p.msgNo(next));
      break;
    case 4:
      see({ mesh, naive, next }, author);
      break;
    case 5:
      if (say(j.makesJob(++next, author))) naive.jobs.set(next, { from: author.peer, to: '' });
      break;
    case 6:
      if (!say(s.plansMinutely(++next, author, other))) break;
      naive.plans.set(next, { from: author.peer, to: other.peer });
      break;
    default:
      handOver({ mesh, naive, next }, leads[who % 3]!, leads[to % 3]!);
  }
  return next;
}

/** Who owes the answer by the model gives it; nobody else may. */
function close({ mesh, naive }: Day, [n, ask]: [number, Between], all: readonly Person[]): void {
  for (const one of all) {
    const isTaken = mesh.one(p.closes(one, n, 'replied', { text: 'so' })).void === undefined;
    if (isTaken !== (one.peer === ask.to)) throw new Error(`${one.name} closed ask ${n}`);
    if (!isTaken) continue;
    naive.asks.delete(n);
    naive.take(ask.to, p.askNo(n));
    naive.put(ask.from, p.askNo(n));
    return;
  }
}

function see({ mesh, naive }: Day, who: Person): void {
  mesh.one(p.acks(who, { up_to: Number.MAX_SAFE_INTEGER }));
  naive.mail.get(who.peer)?.clear();
}

/** The former one is cut off first; it comes back afterwards, which changes nothing. */
function handOver({ mesh, naive }: Day, former: Person, heir: Person): void {
  mesh.one(p.disconnects(former));
  const isTaken = mesh.one(takesOver(heir, former)).void === undefined;
  if (isTaken) naive.handOver(former.peer, heir.peer);
  mesh.one(p.connects(former));
}

/** What the table says in the model's words; words to the former peer are its own. */
function told(table: Table) {
  const mail = everybody.map(({ peer }) => {
    const refs = [...(table.inbox.boxes.get(peer)?.items.keys() ?? [])];
    return refs.filter(ref => !ref.startsWith('handover_')).sort();
  });
  const asks = [...table.asks.open.values()].map(({ ask, from, to }) => [ask, from, to]);
  const jobs = [...table.jobs.open.values()].filter(job => !isEnded(job));
  const plans = [...table.schedules.live.values()].map(({ row }) => row);
  return {
    mail,
    asks: asks.sort(),
    jobs: jobs.map(({ job, from }) => [job, from]).sort(),
    plans: plans.map(({ schedule, by, to }) => [schedule, by, to]).sort(),
  };
}

function wanted({ mail, asks, jobs, plans }: Naive): ReturnType<typeof told> {
  return {
    mail: everybody.map(({ peer }) => [...(mail.get(peer) ?? [])].sort()),
    asks: [...asks].map(([n, { from, to }]) => [p.askNo(n), from, to]).sort(),
    jobs: [...jobs].map(([n, { from }]) => [j.jobNo(n), from]).sort(),
    plans: [...plans].map(([n, { from, to }]) => [s.schedNo(n), from, to]).sort(),
  };
}

/** By the indexes, each open ask is in the hands of its two peers, or of one that has both ends. */
function hands(table: Table): string[] {
  return everybody.flatMap(({ peer }) => [...table.asks.openOf(peer)].map(ask => `${peer} ${ask}`));
}

t.test('16: whatever is handed over, each thing is with one peer, and seen by it', async t => {
  const law = fc.property(fc.array(step, { maxLength: 60, size: 'max' }), steps => {
    const mesh = new Mesh();
    mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), ...everybody.map(who => p.joins(who)));
    const day: Day = { mesh, naive: new Naive(), next: 0 };
    for (const one of steps) day.next = live(day, one);
    const { table } = mesh;
    const found = JSON.stringify(told(table));
    const isSame = found === JSON.stringify(wanted(day.naive));
    const again = fromSnapshot(toSnapshot(table));
    return isSame && String(hands(again)) === String(hands(table)) && isHeldRight(table);
  });
  fc.assert(law, runs(120));
  t.pass('the table is what the model says, and so is a restored one');
});

function isHeldRight(table: Table): boolean {
  const held = hands(table);
  const due = [...table.asks.open.values()].flatMap(({ ask, from, to }) =>
    [...new Set([from, to])].map(peer => `${peer} ${ask}`),
  );
  return String(held.sort()) === String(due.sort());
}
