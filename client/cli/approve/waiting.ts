// What waits for a person, in the order of haste, and how each is shown: the words whole.
import type { Thread } from '../../../schemas/ask.js';
import { visible } from '../../runtimes/approvals/visible.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { endsText } from '../../terminal/outcome.js';
import { questionText } from '../../terminal/question.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { age } from '../../terminal/times.js';
import type { Cli } from '../cli.js';
import { brokerTime } from '../reach/calls.js';
import { noteShown } from '../reach/find.js';
import { allAsks } from '../reach/lists.js';
import { peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';

const TEXT_CHARS = 160;
const SOON_MS = 3_600_000;

/** The open asks to this shell's peer, the most pressing first. A Failure where it has none. */
export async function waitingAsks(_: Cli, reach: Reach): Promise<Thread[]> {
  // A token alone would see those of everybody.
  if (!reach.isAgent && (await reach.person())?.profile === undefined) throw await reach.absence();
  const asks = await allAsks(reach, { direction: 'in', state: 'open' });
  return inHaste(asks, brokerTime.now());
}

/** Permissions by deadline, then what runs out within the hour, then the oldest first. */
export function inHaste(asks: readonly Thread[], now: number): Thread[] {
  const rank = ({ question, deadline_at = Infinity }: Thread) => {
    if (question?.kind === 'permission') return 0;
    return deadline_at - now < SOON_MS ? 1 : 2;
  };
  const until = ({ deadline_at = Infinity }: Thread) => deadline_at;
  return asks.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (rank(a) < 2 && until(a) !== until(b) ? until(a) - until(b) : a.opened_at - b.opened_at),
  );
}

/** Shows them: a permission whole, everything else in a line. */
export async function showWaiting(
  cli: Cli,
  reach: Reach,
  waiting: readonly Thread[],
): Promise<void> {
  const ids = waiting.map(({ ask }) => ask);
  await noteShown(cli, reach, ids);
  const names = await peerNames(reach, waiting);
  const lines = () => waiting.flatMap(each => waitingLines(cli, each, ids, names));
  await cli.terminal.many(nameIds(waiting, names), lines, 'nothing waits for you');
}

/** One of them; `ids` are those it stands among. */
export function waitingLines(
  { terminal: { paint } }: Cli,
  thread: Thread,
  ids: readonly string[],
  names: Names,
): string[] {
  const now = brokerTime.now();
  const { ask, from, question, text, opened_at } = thread;
  const isPermission = question?.kind === 'permission';
  const what = question === undefined ? 'asks' : questionText(question);
  const head = [
    paint.yellow(shortId(ask, ids)),
    `${paint.bold(names.of(from))} ${isPermission ? 'asks for permission' : what}`,
    paint.dim([age(opened_at, now), endsText(thread, now)].filter(Boolean).join(', ')),
  ].join('  ');
  // Who decides sees each character: what is taken out elsewhere is spelled out here.
  const body = isPermission ? visible(text).split('\n') : [oneLine(text, TEXT_CHARS)];
  return [head, ...body.map(line => `    ${line}`)];
}
