// The laws of the jobs over random histories: one effective finish an attempt, no job ever stuck.
import fc from 'fast-check';
import t from 'tap';
import { dueEvents } from '../../../broker/core/due.js';
import { Fold } from '../../../broker/core/fold.js';
import { isHeld, type Job } from '../../../broker/core/rows/jobs.js';
import type { FoldedRecord } from '../../../broker/core/words.js';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, BOOT, type Draft, db, GATEWAY, orch, T0, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { finds, runs } from '../../dsl/histories.js';
import { stateOf } from '../../dsl/state.js';
import { Mesh } from '../../dsl/test-log.js';

const people = [web, api, db, orch];
const who = fc.constantFrom(...people);
const n = fc.integer({ min: 1, max: 4 });
const attempt = fc.constantFrom(1, 1, 1, 2, 2, 3);
/** Job n and who works on it: the same one mostly, so that much of it takes effect. */
const work = fc
  .tuple(n, who, fc.nat(3))
  .map(([n, who, luck]) => ({ n, who: luck > 0 ? people[n - 1]! : who }));
const terms = {
  attempts_max: fc.integer({ min: 1, max: 3 }),
  lease_s: fc.integer({ min: 1, max: 60 }),
};

type Step = Draft | { later: number } | 'tick';

const made = fc
  .record({
    who,
    n,
    to: fc.option(who, { freq: 1 }),
    deadline: fc.option(fc.nat(400_000)),
    ...terms,
  })
  .map(({ who, n, to, deadline, ...more }): Step => {
    const deadline_at = deadline === null ? undefined : T0 + deadline;
    const all = { ...more, ...(deadline_at !== undefined && { deadline_at }) };
    return to === null ? j.makesJob(n, who, all) : j.assigns(n, who, to, all);
  });
const recurring = fc
  .record({ who, n, ...terms })
  .map(
    ({ who, n, ...more }): Step =>
      j.makesJob(n, who, { ...more, cron: '* * * * *', zone: 'UTC', due_at: T0 + 60_000 }),
  );
const claimed = work.map(({ who, n }): Step => j.claims(who, n));
const worked = fc
  .tuple(who, n, attempt, fc.boolean(), fc.boolean())
  .map(
    ([who, n, attempt, isEnd, isGood]): Step =>
      isEnd
        ? j.finishes(who, n, attempt, { outcome: isGood ? 'completed' : 'failed' })
        : j.updates(who, n, attempt),
  );
const managed = fc
  .tuple(who, n, fc.boolean())
  .map(([who, n, isRetry]): Step => (isRetry ? j.retries(who, n) : j.cancels(who, n)));
const moved = fc
  .tuple(who, fc.boolean())
  .map(([who, isBack]): Step => (isBack ? p.joins(who) : p.leaves(who)));
const waited = fc.nat(90_000).map((later): Step => ({ later }));
const step = fc.oneof(
  { weight: 3, arbitrary: made },
  { weight: 1, arbitrary: recurring },
  { weight: 6, arbitrary: claimed },
  { weight: 8, arbitrary: worked },
  { weight: 2, arbitrary: managed },
  { weight: 1, arbitrary: moved },
  { weight: 3, arbitrary: waited },
  { weight: 3, arbitrary: fc.constant<Step>('tick') },
);
/** A job as it should go, in the middle of all that. */
const life = fc
  .tuple(who, work)
  .map(([maker, { who, n }]): Step[] => [
    j.makesJob(n, maker),
    j.claims(who, n),
    j.finishes(who, n),
  ]);
const chunk = fc.oneof(
  { weight: 9, arbitrary: step.map(each => [each]) },
  { weight: 1, arbitrary: life },
);
const script = fc
  .array(chunk, { minLength: 10, maxLength: 70, size: 'max' })
  .map(all => all.flat());

/** A planted bug: what it makes of an event before it is said, and of the rows after it. */
interface Bug {
  before?(draft: Draft, mesh: Mesh): Draft;
  after?(record: FoldedRecord, mesh: Mesh): void;
}

class World {
  readonly mesh = new Mesh();
  readonly said: { draft: Draft; isApplied: boolean }[] = [];
  private readonly bug: Bug;

  constructor(bug: Bug) {
    this.bug = bug;
    this.mesh.say(p.opened(), p.started(GATEWAY, BOOT), ...people.map(one => p.joins(one)));
  }

  run(script: readonly Step[]): void {
    for (const step of script) {
      if (step === 'tick') this.tick();
      else if ('later' in step) this.mesh.now += step.later;
      else this.say(step);
    }
  }

  say(draft: Draft): void {
    const record = this.mesh.one(this.bug.before?.(draft, this.mesh) ?? draft);
    this.said.push({ draft, isApplied: record.void === undefined });
    this.bug.after?.(record, this.mesh);
  }

  /** Proposes what is due until nothing is, or as often as there could be anything. */
  tick(): void {
    this.mesh.say();
    for (let round = 0; round < 20; round++) {
      const events = dueEvents(this.mesh.table, this.mesh.now);
      if (events.length === 0) return;
      for (const event of events) this.say({ ...event, by: BOOT } as Draft);
    }
    throw new Error('there is always something due');
  }

  jobs(): Job[] {
    const { open, ended } = this.mesh.table.jobs;
    return [...open.values(), ...ended.values()];
  }
}

/** Invariant 24, first half: a finish takes effect for who holds the newest attempt, and once. */
function finishedOnce(bug: Bug): void {
  const law = fc.property(script, steps => {
    const world = new World(bug);
    world.run(steps);
    const holders = new Map<string, { by: string; attempt: number; isOpen: boolean }>();
    for (const { draft, isApplied } of world.said) {
      const event = draft as Draft & { job: string; attempt: number };
      const held = holders.get(event.job);
      if (!isApplied) continue;
      if (event.type === 'job.claimed') {
        const attempt = 1 + (held?.attempt ?? 0);
        holders.set(event.job, { by: event.by, attempt, isOpen: true });
      } else if (event.type === 'job.finished') {
        const isRight = held?.by === event.by && held.attempt === event.attempt && held.isOpen;
        if (!isRight) return false;
        held.isOpen = false;
      }
    }
    return true;
  });
  fc.assert(law, runs(200));
}

t.test('24: only the newest attempt finishes a job, and only once', async t => {
  finishedOnce({});
  const asHolder = (draft: Draft, mesh: Mesh) => {
    const row = mesh.table.jobs.get((draft as Draft & { job: string }).job);
    const { attempt, worker: by } = row ?? {};
    return draft.type === 'job.finished' && by ? ({ ...draft, attempt, by } as Draft) : draft;
  };
  finds(t, () => finishedOnce({ before: asHolder }), 'a fence that lets everybody through');
  const undone = ({ event, void: reason }: FoldedRecord, { table }: Mesh) => {
    if (event?.type !== 'job.finished' || reason !== undefined) return;
    const row = table.jobs.get(event.job)!;
    table.jobs.put({ ...row, state: 'running', lease_until: table.time + 1_000 });
  };
  finds(t, () => finishedOnce({ after: undone }), 'a finish that does not end the job');
});

/** Invariant 24, second half: once time has passed, nobody holds what it has left. */
function neverStuck(bug: Bug): void {
  const law = fc.property(script, fc.boolean(), (steps, isLeft) => {
    const world = new World(bug);
    world.run(steps);
    if (isLeft) for (const one of people) world.say(p.leaves(one));
    world.mesh.now += limits.job_lease_max_s * 1_000;
    world.tick();
    return world.jobs().every(job => !isHeld(job.state) && !isForGone(job, world.mesh));
  });
  fc.assert(law, runs(150));
}

/** Waits for one who will never come. */
function isForGone({ state, to }: Job, { table }: Mesh): boolean {
  const isWaiting = state === 'queued' || state === 'scheduled';
  return isWaiting && table.peers.rows.get(to ?? '')?.retired !== undefined;
}

t.test('24: no job is stuck, whoever died or left in the middle of it', async t => {
  neverStuck({});
  const onClaim = (spoil: (job: Job, mesh: Mesh) => void) => ({
    after({ event, void: reason }: FoldedRecord, mesh: Mesh) {
      if (event?.type !== 'job.claimed' || reason !== undefined) return;
      spoil(mesh.table.jobs.get(event.job)!, mesh);
    },
  });
  const endless = onClaim((job, { table }) => table.jobs.put({ ...job, lease_until: 9e15 }));
  finds(t, () => neverStuck(endless), 'a lease without an end');
  const forgetful = onClaim((job, { table }) => table.jobs.leases.delete(job.job));
  finds(t, () => neverStuck(forgetful), 'a lease that nobody watches');
  const unowned = {
    after({ event }: FoldedRecord, { table }: Mesh) {
      if (event?.type !== 'peer.left') return;
      table.jobs.put({ ...[...table.jobs.open.values()][0]!, state: 'queued', to: event.by });
    },
  };
  finds(t, () => neverStuck(unowned), 'work for one who has left');
});

/** What a row says of itself must fit together, and every index must say the same. */
function coherent(bug: Bug): void {
  const law = fc.property(script, steps => {
    const world = new World(bug);
    world.run(steps);
    const { jobs } = world.mesh.table;
    return world.jobs().every(job => {
      const held = isHeld(job.state);
      const isRunning = job.attempts.at(-1)?.state === 'running';
      return (
        held === (job.lease_until !== undefined) &&
        held === isRunning &&
        (!held || job.worker === job.attempts.at(-1)?.by) &&
        (job.state !== 'queued' || job.worker === undefined) &&
        (job.recurrence === undefined || (!held && job.state !== 'queued')) &&
        jobs.leases.at(job.job) === job.lease_until &&
        isFound(job, jobs) === (job.state === 'queued') &&
        (job.ended_at === undefined) === jobs.open.has(job.job)
      );
    });
  });
  fc.assert(law, runs(150));
}

function isFound({ job, to, circle, kind }: Job, { queue }: Mesh['table']['jobs']): boolean {
  const place = to === undefined ? { circle } : { to };
  const isIt = (each: string) => each === job;
  return queue.first(place, kind, isIt) === job && queue.first(place, undefined, isIt) === job;
}

t.test('a held job has a worker and a lease, and every index knows it', async t => {
  coherent({});
  const after = ({ event }: FoldedRecord, { table }: Mesh) => {
    const job = event !== undefined && 'job' in event ? table.jobs.get(event.job ?? '') : undefined;
    if (job?.state === 'queued') table.jobs.queue.delete(job);
  };
  finds(t, () => coherent({ after }), 'a queue that forgets');
});

/** Invariant 10 for jobs: a restored fold goes on as if it had never stopped. */
t.test('10: jobs restored from a snapshot go on as they would have', async () => {
  const law = fc.property(script, script, (before, after) => {
    const world = new World({});
    world.run(before);
    const restored = Fold.fromSnapshot(world.mesh.fold.toSnapshot());
    if (stateOf(restored) !== stateOf(world.mesh.fold)) return false;
    const from = world.mesh.log.length;
    world.run(after);
    for (const delivery of world.mesh.log.slice(from)) restored.commit(delivery);
    const due = (fold: Fold) => JSON.stringify(dueEvents(fold.table, world.mesh.now + 1e9));
    return stateOf(restored) === stateOf(world.mesh.fold) && due(restored) === due(world.mesh.fold);
  });
  fc.assert(law, runs(60));
});

t.test('the random scripts reach every state and every event', async t => {
  const states = new Set<string>();
  const types = new Set<string>();
  for (const steps of fc.sample(script, { numRuns: 200, seed: 1 })) {
    const world = new World({
      after: ({ event, void: reason }, { table }) => {
        if (reason !== undefined || event === undefined) return;
        types.add(event.type);
        const job = 'job' in event ? table.jobs.get(event.job ?? '') : undefined;
        if (job !== undefined) states.add(job.state);
      },
    });
    world.run(steps);
  }
  t.ok(states.has('cancelled') && states.has('expired') && states.has('failed'));
  for (const type of ['claimed', 'updated', 'finished', 'retried', 'due', 'lapsed', 'expired']) {
    t.ok(types.has(`job.${type}`), type);
  }
});
