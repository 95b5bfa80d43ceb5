// Watching permissions in a terminal: each is shown as it comes, and decided by a typed line.
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Thread } from '../../../schemas/ask.js';
import { createNames } from '../../terminal/names.js';
import { outcomeText } from '../../terminal/outcome.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { closeFound } from '../close.js';
import { brokerTime } from '../reach/calls.js';
import { noteShown, onlyOne } from '../reach/find.js';
import { peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { connectAs } from '../reach/socket.js';
import { permissionClosing } from '../reply.js';
import { waitingAsks, waitingLines } from './waiting.js';

const HELP = 'decide by typing: allow ID, or deny ID with words; Ctrl-C ends';

/** Shows what waits and what comes, until it is interrupted. Who watches counts as connected. */
export async function watchApprovals(cli: Cli): Promise<void> {
  const { terminal, world } = cli;
  const reach = await cli.reach();
  const watch = new Watch(cli, reach);
  await watch.look();
  const client = await connectAs(reach, ({ kind }) => {
    if (kind === 'waiting') terminal.say('the broker is away; waiting');
  });
  const types = ['ask.opened', 'ask.fanned_out', 'ask.closed', 'ask.expired'] as const;
  const feed = client.observe({ from: 'now', filter: { types: [...types] } });
  const stop = () => void feed.return();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const typed = createInterface({ input: world.stdin as unknown as Readable });
  typed.on('line', line => watch.typed(line));
  terminal.say(HELP);
  try {
    for await (const _ of feed) await watch.look();
  } finally {
    typed.close();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    await client.close();
  }
}

class Watch {
  readonly #cli: Cli;
  readonly #reach: Reach;
  /** What has been shown and is open, by its id. */
  readonly #shown = new Map<string, Thread>();
  #work: Promise<void> = Promise.resolve();

  constructor(cli: Cli, reach: Reach) {
    this.#cli = cli;
    this.#reach = reach;
  }

  /** Shows what is new, and how ended what was shown before. */
  look(): Promise<void> {
    return this.#next(() => this.#look());
  }

  /** Does what a line says. */
  typed(line: string): void {
    this.#next(() => this.#decide(line.trim())).catch(error => {
      this.#cli.terminal.say(error instanceof Error ? error.message : String(error));
    });
  }

  /** One after the other: what is typed means what stands on the screen. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  async #look(): Promise<void> {
    const { terminal } = this.#cli;
    const waiting = await waitingAsks(this.#cli, this.#reach);
    const permissions = waiting.filter(({ question }) => question?.kind === 'permission');
    const open = new Set(permissions.map(({ ask }) => ask));
    for (const ask of [...this.#shown.keys()].filter(ask => !open.has(ask))) {
      this.#shown.delete(ask);
      const ended = await this.#reach.look('ask.get', { ask });
      const how = outcomeText(ended, brokerTime.now());
      await terminal.one(ended, () => [`${shortId(ask)}  ${how}`]);
    }
    const fresh = permissions.filter(({ ask }) => !this.#shown.has(ask));
    if (fresh.length === 0) return;
    const names = await peerNames(this.#reach, fresh).catch(() => createNames([]));
    await noteShown(
      this.#cli,
      this.#reach,
      fresh.map(({ ask }) => ask),
    );
    for (const thread of fresh) {
      this.#shown.set(thread.ask, thread);
      await terminal.one(thread, () => waitingLines(this.#cli, thread, [...open], names));
    }
  }

  async #decide(line: string): Promise<void> {
    if (line === '') return;
    const [verb = '', typed = '', ...words] = line.split(/\s+/);
    const isKnown = ['a', 'allow', 'd', 'deny'].includes(verb);
    if (!isKnown || typed === '') return this.#cli.terminal.say(HELP);
    const ask = onlyOne(typed, [...this.#shown.keys()]);
    const thread = ask === undefined ? undefined : this.#shown.get(ask);
    if (thread === undefined) return this.#cli.terminal.say(`${typed} does not wait for you`);
    const closing = permissionClosing(thread, verb.startsWith('d'));
    const text = words.join(' ');
    const said = text === '' ? closing : { ...closing, text };
    this.#shown.delete(thread.ask);
    await closeFound(this.#cli, this.#reach, thread.ask, said);
  }
}
