// Invariants of the log, of determinism and of arbitration, each with its check and its mutants.
import { bug, type Invariant, invariant } from './invariant.js';

export const logInvariants: readonly Invariant[] = [
  invariant(
    1,
    'an acknowledged event is at its position, byte-equal, in every later read',
    'log/jetstream',
    '1: a commit comes back byte-equal with the next sequence',
    [
      bug(
        'a tail that loses a byte',
        'log/following/tail',
        'onCommit({ sequence, storedAt, bytes })',
        'onCommit({ sequence, storedAt, bytes: bytes.subarray(1) })',
      ),
    ],
  ),
  invariant(
    2,
    'an earlier read is a prefix of every later one; positions are never reused',
    'log/following/tail',
    '2: the last commit coming back with another time breaks it',
    [
      bug(
        'a tail that believes whatever it is given again',
        'log/following/tail',
        'this.#compare(stamp);',
        '',
      ),
    ],
  ),
  invariant(
    3,
    'the fold applies n + 1 only after n',
    'core/fold',
    '3: the fold applies n + 1 only after n, else the history is broken',
    [
      bug(
        'a fold that skips a hole',
        'core/fold',
        'if (sequence !== this.sequence + 1)',
        'if (sequence <= this.sequence)',
      ),
    ],
  ),
  invariant(
    4,
    'digests agree at every checkpoint on every broker',
    'runtime/checkpointer',
    '4: what is signed is the digest of every broker, and one signs for all',
    [
      bug(
        'a broker that signs another digest than it folded',
        'runtime/audit/checkpointer',
        "Buffer.from(digest).toString('hex')",
        "'0'.repeat(64)",
      ),
      bug(
        'a digest of own commits that is another one',
        'core/fold',
        'rollDigest(this.digest, bytes)',
        'rollDigest(this.digest, own?.(bytes) ? bytes.subarray(1) : bytes)',
      ),
    ],
  ),
  invariant(
    5,
    'no start when the tail is behind the outside high-water mark',
    'disk/high-water',
    '5: a log whose tail is lost is refused, and named',
    [
      bug(
        'a start that does not believe the mark',
        'disk/high-water',
        'is damaged.`);\n    return mark;',
        'is damaged.`);\n    return NOTHING_YET;',
      ),
    ],
  ),
  invariant(
    6,
    'every command ends in one of ok, refusal, unknown; ok only after the store’s ack',
    'runtime/committer',
    '6: an unknown outcome is tried again under the same id and bytes until it settles',
    [
      bug(
        'an unknown outcome that is taken for a refusal',
        'runtime/committer',
        'this.#doubt(flight, result);',
        'this.#refuse(flight, result.reason);',
      ),
      bug(
        'a commit that counts before anything was heard of it',
        'runtime/committer',
        'this.#doubt(flight, result);',
        'this.#land();',
      ),
    ],
  ),
  invariant(
    7,
    'a command id changes state at most once',
    'core/command-ids',
    '7: a command id changes state at most once, with any memory',
    [
      bug(
        'a memory without watermarks',
        'core/rows/command-ids',
        'idTime(id) <= watermark',
        'false',
      ),
    ],
  ),
  invariant(
    8,
    'same prefix, same state hash',
    'core/two-folds',
    '4, 8: brokers that write over and under each other fold the same',
    [
      bug(
        'a fold that gives own commits a time of their own',
        'core/fold',
        'storedAt, commit);',
        'storedAt, commit) + (known ? 1 : 0);',
      ),
    ],
  ),
  invariant(
    9,
    'same hash under other TZ, LANG, clock',
    'core/elsewhere',
    '9: the state is the same under other TZ and LANG',
    [
      bug(
        'log time by the zone of the machine',
        'core/fold',
        'storedAt, commit);',
        'storedAt, commit) + new Date(0).getTimezoneOffset();',
      ),
    ],
  ),
  invariant(
    10,
    'snapshot = replay; a doubtful snapshot is discarded',
    'timeline/snapshots',
    '10: a start from the newest snapshot and the tail is the replay',
    [
      bug(
        'a restore that forgets what was void',
        'core/snapshots/snapshot',
        'const voids = { positions: [...this.#positions], reasons };',
        'const voids = { positions: [], reasons: [] };',
      ),
      bug(
        'a restore that asks for the tail of another end',
        'timeline/snapshots/restore',
        'delivery.sequence === mark?.sequence && ',
        '',
      ),
    ],
  ),
  invariant(
    10,
    'a past state on disk = replay; a doubtful one is discarded',
    'timeline/old-states',
    '10: a past that is damaged, of another log or another program is discarded',
    [
      bug(
        'a past state that is believed whatever the log had come to',
        'timeline/snapshots/old-states',
        'isOurs && head.digest === this.#digestAt(found.sequence)',
        'head.log === table.log.id',
      ),
      bug(
        'a past state that is read without its checksum',
        'disk/snapshot-file',
        '!sum.equals(await reading.take(32))',
        '!(await reading.take(32))',
      ),
    ],
  ),
  invariant(
    11,
    'the fold never throws; bad bytes fold to nothing alike',
    'core/fold',
    '11: the fold never throws on bad bytes, and two folds agree',
    [bug('a fold that trusts bytes', 'core/fold', 'event === undefined || ', '')],
  ),
  invariant(
    12,
    'golden logs keep their hashes',
    'core/old-log',
    '12: a log of level 2 has the times, verdicts and rows that it always had',
    [
      bug(
        'a rule of level 3 that holds for older logs too',
        'core/fold',
        'holdsFrom(3, table) ? this.#latest : table.time',
        'this.#latest',
      ),
    ],
  ),
  invariant(
    13,
    'the lowest-position valid close is the only effective one and all report it',
    'runtime/winner',
    '13: the lowest-position valid close is the only effective one, and all report it',
    [bug('a later close that wins again', 'core/asks/rules', "row.state === 'closed'", 'false')],
  ),
  invariant(
    14,
    'ack(A) before send(B) means position(A) < position(B)',
    'runtime/committer',
    '14: one commit is in flight; what comes meanwhile gathers into the next',
    [
      bug(
        'a commit that the next does not wait for',
        'runtime/committer',
        'this.#append(this.#flight);\n    }',
        'this.#append(this.#flight);\n        this.#flight = undefined;\n    }',
      ),
    ],
  ),
  invariant(
    15,
    'one connection’s commands keep their order',
    'gateway/rpc-order',
    '15: a command behind an undecided one waits, reads wait behind it too',
    [
      bug(
        'a queue that holds nothing back',
        'gateway/calls/call-queue',
        'this.#isHeld = true;',
        '',
      ),
    ],
  ),
];
