// The peer a client speaks for: what it asks, tells and answers, as the SDK hands it out.
import type { Thread } from '../schemas/ask.js';
import { limits } from '../schemas/limits.js';
import type { Result } from '../schemas/method.js';
import type { Client, Identity, Inbox, Joined, OpenAsk, Peer } from './api.js';
import { ClientError } from './errors.js';
import { closeAsk, InboxReader } from './inbox.js';
import type { Link } from './link.js';

/** Makes the peer of a client that has joined. */
export function makePeer(client: Client, link: Link, identity: Identity, joined: Joined): Peer {
  let reader: Inbox | undefined;
  return {
    client,
    identity,
    joined,
    name: joined.name,
    async ask(to, text, options) {
      const opened = await link.command('ask.open', { ...options, to, text });
      const { ask, delivery } = opened as Result<'ask.open'>;
      return { delivery, ...asked(link, ask) };
    },
    asked: ask => asked(link, ask),
    async notify(to, text, options) {
      return (await link.command('notify.send', { ...options, to, text })) as Result<'notify.send'>;
    },
    async broadcast(text, options) {
      return (await link.command('broadcast.send', {
        ...options,
        text,
      })) as Result<'broadcast.send'>;
    },
    async retract(message) {
      return (await link.command('message.retract', { message })) as Result<'message.retract'>;
    },
    answer: (ask, outcome, text) => closeAsk(link, ask, outcome, text),
    inbox() {
      if (reader) throw new ClientError('misuse', 'the inbox is open already; leave it first');
      reader = new InboxReader(link, () => {
        reader = undefined;
      });
      return reader;
    },
    async leave() {
      await link.command('peer.leave', {});
      await client.close();
    },
  };
}

function asked(link: Link, id: string): Pick<OpenAsk, 'id' | 'reply' | 'cancel'> {
  return {
    id,
    reply: (wait_ms = Infinity) => replyTo(link, id, wait_ms),
    cancel: () => closeAsk(link, id, 'cancelled'),
  };
}

/** Waits in slices: each is a read that a reconnect repeats, so a lost answer costs one slice. */
async function replyTo(link: Link, ask: string, wait_ms: number): Promise<Thread> {
  const until = Date.now() + wait_ms;
  for (;;) {
    const left_s = Math.max(0, (until - Date.now()) / 1_000);
    const timeout_s = Math.min(left_s, limits.wait_slice_s);
    const patience_ms = left_s * 1_000 + limits.call_wait_ms;
    const thread = (await link.ask('ask.wait', { ask, timeout_s }, patience_ms)) as Thread;
    if (thread.state === 'closed' || Date.now() >= until) return thread;
  }
}
