// The answers to an ask of many: read, waited for, and drawn as a table of who said what.
import type { RollupRow } from '../../../schemas/ask.js';
import type { Result } from '../../../schemas/method.js';
import { isOver, rollupWhenOver } from '../../sdk/waiting.js';
import { columnLines } from '../../terminal/columns.js';
import { Failure } from '../../terminal/exit.js';
import { nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { span } from '../../terminal/times.js';
import type { Cli } from '../cli.js';
import type { Wait } from '../options.js';
import { noteShown } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { interruptible, patienceOf } from '../reach/waiting.js';

type Rollup = Result<'ask.rollup'>;

const TEXT_CHARS = 400;

/** Prints the answers as they stand. */
export async function showRollup(cli: Cli, reach: Reach, group: string): Promise<void> {
  const rollup = await cli.terminal.during('asking', reach.look('ask.rollup', { group }));
  await print(cli, reach, rollup);
}

/**
 * Waits until all have answered, or as many as the quorum says, and prints the answers. A Failure
 * when the time is up before, or when too few of those who were asked gave an answer.
 */
export async function awaitRollup(
  cli: Cli,
  reach: Reach,
  group: string,
  wait: Wait,
): Promise<void> {
  const { terminal } = cli;
  const short = shortId(group);
  const over = rollupWhenOver(reach.look, group, patienceOf(wait, terminal.say));
  const work = terminal.during('waiting for all', over);
  const found = await interruptible(`stopped waiting; see: signalbox rollup ${short}`, work);
  const rollup = found ?? (await reach.look('ask.rollup', { group }));
  await print(cli, reach, rollup);
  const seen = rollup.rows.filter(({ status }) => status !== 'pending').map(({ ask }) => ask);
  // What was printed here need not be told by the inbox again.
  if (seen.length > 0) await reach.own('inbox.ack', { refs: seen });
  if (!isOver(rollup)) {
    throw new Failure('waited', `not all have answered in ${span(Number(wait))}`, {
      hint: `go on waiting: signalbox rollup ${short} --wait`,
    });
  }
  needAnswers(rollup);
}

function needAnswers(rollup: Rollup): void {
  const { state, quorum = 1 } = rollup;
  const answers = answersIn(rollup);
  if (state === 'quorum' || answers >= quorum) return;
  throw new Failure('conflict', `only ${answers} of ${quorum} needed answers came`);
}

/** Who declined has answered too, but gave no answer that counts. */
function answersIn({ rows }: Rollup): number {
  return rows.filter(({ status }) => status === 'replied' || status === 'acknowledged').length;
}

async function print(cli: Cli, reach: Reach, rollup: Rollup): Promise<void> {
  const { terminal } = cli;
  const ids = rollup.rows.map(({ ask }) => ask);
  await noteShown(cli, reach, [rollup.group, ...ids]);
  const names = await peerNames(reach, rollup);
  const columns = [
    { head: 'PEER', of: ({ peer, name }: RollupRow) => name ?? names.of(peer) },
    { head: 'ASK', of: ({ ask }: RollupRow) => shortId(ask, ids) },
    { head: 'STATE', of: statusText },
    { head: 'CHOSE', of: ({ reply }: RollupRow) => reply?.option ?? '', isOptional: true },
    { head: 'TEXT', of: ({ reply }: RollupRow) => oneLine(reply?.text ?? '', TEXT_CHARS) },
  ];
  await terminal.one(nameIds(rollup, names), () =>
    columnLines(columns, rollup.rows, terminal.width),
  );
  terminal.say(summary(rollup));
}

function summary(rollup: Rollup): string {
  const { rows, quorum } = rollup;
  const pending = rows.filter(({ status }) => status === 'pending').length;
  if (quorum === undefined) {
    // What was taken back or ran out is over, but nobody answered it.
    const declined = rows.filter(row => row.status === 'declined' && row.reply !== undefined);
    const answered = answersIn(rollup) + declined.length;
    const over = rows.length - pending - answered;
    const unanswered = over === 0 ? '' : `, ${over} ended without an answer`;
    return `${answered} of ${rows.length} have answered${unanswered}`;
  }
  const still = pending === 0 ? 'nobody is left to answer' : `${pending} still to answer`;
  return `${answersIn(rollup)} of ${quorum} needed, ${still}`;
}

/** Of a permission that nobody decided, its deadline said no. */
function statusText({ status, reply }: RollupRow): string {
  if (reply !== undefined) return status;
  if (status === 'declined') return 'denied: no answer';
  return status === 'expired' ? 'expired: no answer' : status;
}
