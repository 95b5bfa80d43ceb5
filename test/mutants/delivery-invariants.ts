// Invariants of delivery, presence, schedules, jobs, security and leases, with checks and mutants.
import { bug, type Invariant, invariant } from './invariant.js';

export const deliveryInvariants: readonly Invariant[] = [
  invariant(
    16,
    'delivered = filter(log range), ascending, once per subscription',
    'gateway/fanout',
    '16: from the start every event comes once, in order, and then as it happens',
    [
      bug(
        'a fan-out that shows again what it has shown',
        'gateway/observe/fanout',
        'this.#fresh = [];\n        this.#freshBytes = 0;',
        'this.#fresh = fresh.slice(-1);',
      ),
    ],
  ),
  invariant(
    16,
    'a webhook is told of each record until it was delivered, and then no more',
    'core/webhooks/webhooks',
    '16: what a webhook was told goes on, never back, and never ahead of the log',
    [
      bug(
        'a webhook whose progress may go back',
        'core/webhooks/rules',
        'row !== undefined && row.up_to < position',
        'row !== undefined',
      ),
    ],
  ),
  invariant(
    16,
    'a handover loses no ask, job, schedule or item, and doubles none',
    'core/handovers/handover-laws',
    '16: whatever is handed over, each thing is with one peer, and seen by it',
    [
      bug(
        'a handover that forgets what was asked of the former peer',
        'core/asks/handover',
        'to: heir(open.to)',
        'to: open.to',
      ),
      bug(
        'a handover that takes over no mail',
        'core/inbox/handover',
        'known !== undefined && known.position >= item.position',
        'true',
      ),
    ],
  ),
  invariant(
    17,
    'continuation, or a refusal with its reason first',
    'gateway/fanout-rights',
    '17: a cursor of another log, another history or the future is refused by its name',
    [
      bug(
        'a cursor whose digest nobody compares',
        'gateway/observe/starting-point',
        'if (checkOf(point.digest) !== cursor.check)',
        'if (false)',
      ),
      bug(
        'a cursor of any log',
        'gateway/observe/starting-point',
        'cursor.log !== door.info().log',
        'false',
      ),
    ],
  ),
  invariant(
    18,
    'bytes buffered per socket are bounded; a stalled reader delays nobody',
    'gateway/fanout-pace',
    '18: a stalled reader is sent nothing and holds nothing, and then all it missed',
    [
      bug(
        'a fan-out that fills any socket',
        'gateway/observe/fanout',
        'else if (outlet.writable())',
        'else if (outlet)',
      ),
    ],
  ),
  invariant(
    19,
    'everyone is at the head within a bounded time after faults end',
    'gateway/fanout-pace',
    '19: when the log goes away on the way, the reader goes on when it is back',
    [
      bug(
        'a reader that gives up with the log',
        'gateway/observe/catch-up',
        'if (isMistake(error))',
        'if (error)',
      ),
    ],
  ),
  invariant(
    20,
    'nobody receives, by any path, what its token may not see',
    'gateway/fanout-rights',
    '20: a bound token sees its circles only, live and in replay, whatever it filters',
    [
      bug(
        'a filter that knows no rights',
        'gateway/observe/event-filter',
        '!mayAll && !maySee(rights, record)',
        'false',
      ),
    ],
  ),
  invariant(
    21,
    'a dead gateway’s peers go offline once; a fenced one is not heard on presence',
    'runtime/presence-laws',
    '21: peers go offline once, for a cause, with their gateway, and not before',
    [
      bug(
        'a gateway that is lost before its lease ends',
        'core/peers/gateways',
        'time - row.last_seen < limits.boot_lost_ms',
        'false',
      ),
    ],
  ),
  invariant(
    22,
    'at most one effective fire per schedule, revision and nominal time',
    'core/schedules/schedule-fires',
    '22: it never fires early, nor twice, nor for a time it does not wait for',
    [
      bug(
        'a schedule that fires early',
        'core/schedules/checks',
        'time < event.nominal_at',
        'false',
      ),
      bug(
        'a schedule that fires at any time',
        'core/schedules/checks',
        "!isAwaited(entry, event))\n        return 'stale';\n    if (time < event.nominal_at)",
        "false)\n        return 'stale';\n    if (time < event.nominal_at)",
      ),
    ],
  ),
  invariant(
    22,
    'a watch fires once for each cause, whoever proposes it',
    'core/watches/watch-laws',
    '22: a watch fires once for each cause, never early, and loses none',
    [
      bug(
        'a cause that may fire again',
        'core/watches/firing',
        '{ ...cause, isFired: true }',
        'cause',
      ),
      bug(
        'a silence that no word of the worker ends',
        'core/watches/conditions/job-silent',
        "type !== 'job.updated'",
        'true',
      ),
    ],
  ),
  invariant(
    23,
    'never early in log time; backward clocks change nothing',
    'core/log-time',
    '23: it never goes back, and a commit that cannot be read does not move it',
    [
      bug(
        'log time that follows a store set back',
        'core/commits/log-time',
        'return Math.max(previous, next);',
        'return next;',
      ),
    ],
  ),
  invariant(
    24,
    'at most one effective finish per job; stale attempts refused; no job stuck',
    'core/jobs/job-laws',
    '24: only the newest attempt finishes a job, and only once',
    [
      bug(
        'a fence that lets every attempt through',
        'core/jobs/rules',
        'attempt !== job.attempt',
        'false',
      ),
    ],
  ),
  invariant(
    25,
    'every event’s author is the authenticated principal; secrets appear nowhere',
    'core/authority',
    '25: only the token that a peer joined by speaks for it',
    [
      bug(
        'a peer that any token speaks for',
        'core/tokens/authority',
        'row.token === token ? undefined',
        'row ? undefined',
      ),
    ],
    'planted secrets, looked for in everything that leaves the broker',
  ),
  invariant(
    26,
    'no two live leases of two peers overlap, unless both are shared',
    'core/leases/lease-laws',
    '26: no two live leases of two peers overlap, unless both are shared',
    [
      bug(
        'a lease that is taken whoever holds the files',
        'core/leases/rules',
        'rivals.length > 0 ?',
        'false ?',
      ),
      bug(
        'an index that forgets what lies below',
        'core/rows/path-index',
        'if (!below.startsWith(prefix))',
        'if (true)',
      ),
    ],
  ),
  invariant(
    27,
    'a lease of a holder that is gone has ended',
    'core/leases/lease-laws',
    '27: a lease of a holder that is gone has ended, on every history',
    [
      bug(
        'a killed holder that keeps its leases',
        'core/leases/rules',
        "'peer.killed': (table, { event }) => endAll(table, event.peer),",
        '',
      ),
    ],
  ),
];
