// The answers to an ask of many: read, waited for, and drawn as a table of who said what.
import type { RollupRow } from '../../../schemas/ask.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import type { Cli } from '../cli.js';
import { Failure } from '../exit.js';
import type { Wait } from '../options.js';
import { noteShown } from '../reach/find.js';
import { shownNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { interruptible, waitFor } from '../reach/waiting.js';
import { columnLines } from '../show/columns.js';
import { oneLine } from '../show/safe.js';
import { shortId } from '../show/short-id.js';
import { span } from '../show/times.js';

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
  let last: Rollup | undefined;
  const slice = async (left_s: number) => {
    last = await reach.look('ask.rollup', { group });
    if (isOver(last)) return last;
    // Whoever is asked first is waited for a little, then all are looked at again.
    const ask = last.rows.find(({ status }) => status === 'pending')?.ask;
    const timeout_s = Math.min(left_s, limits.cli_look_s);
    if (ask !== undefined) await reach.look('ask.wait', { ask, timeout_s });
    return undefined;
  };
  const work = terminal.during('waiting for all', waitFor(wait, slice, terminal.say));
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

function isOver({ state }: Rollup): boolean {
  return state === 'complete' || state === 'quorum';
}

function needAnswers({ state, rows, quorum = 1 }: Rollup): void {
  const answers = rows.filter(({ status }) => status === 'replied' || status === 'acknowledged');
  if (state === 'quorum' || answers.length >= quorum) return;
  throw new Failure('conflict', `${answers.length} of ${rows.length} answered, ${quorum} had to`);
}

async function print(cli: Cli, reach: Reach, rollup: Rollup): Promise<void> {
  const { terminal } = cli;
  const ids = rollup.rows.map(({ ask }) => ask);
  await noteShown(cli, reach, [rollup.group, ...ids]);
  const names = await shownNames(cli, reach);
  const columns = [
    { head: 'PEER', of: ({ peer, name }: RollupRow) => name ?? names.of(peer) },
    { head: 'ASK', of: ({ ask }: RollupRow) => shortId(ask, ids) },
    { head: 'STATE', of: ({ status }: RollupRow) => status },
    { head: 'CHOSE', of: ({ reply }: RollupRow) => reply?.option ?? '', isOptional: true },
    { head: 'TEXT', of: ({ reply }: RollupRow) => oneLine(reply?.text ?? '', TEXT_CHARS) },
  ];
  await terminal.one(rollup, () => columnLines(columns, rollup.rows, terminal.width));
  const done = rollup.rows.filter(({ status }) => status !== 'pending').length;
  terminal.say(`${rollup.state}: ${done} of ${rollup.rows.length} have answered${need(rollup)}`);
}

function need({ quorum }: Rollup): string {
  if (quorum === undefined) return '';
  return `, ${quorum} ${quorum === 1 ? 'is' : 'are'} enough`;
}
