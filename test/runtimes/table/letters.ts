// What a scene sends: one of each kind, each with a mark by which the model's record tells it.
import type { House } from '../kit/house.js';

export const kinds = ['ask', 'notify', 'reply', 'job'] as const;
export type Kind = (typeof kinds)[number];

/** One thing sent. */
export interface Letter {
  kind: Kind;
  /** Stands in its text and nowhere else. */
  mark: string;
  ref: string;
}

/** Sends an ask, a note, the reply to what the session asked, and a job, in this order. */
export async function sendLetters({ sender }: House, to: string): Promise<Letter[]> {
  const peer = sender.peer!;
  const letters: Letter[] = [];
  const send = async (kind: Kind, by: (mark: string) => Promise<string>) => {
    const mark = `${kind}-words-for-${to}.`;
    letters.push({ kind, mark, ref: await by(mark) });
  };
  await send('ask', async mark => (await peer.ask(to, mark)).id);
  await send('notify', async mark => (await peer.notify(to, mark)).message);
  const asked = await askFrom(sender, to);
  if (asked !== undefined) {
    await send('reply', async text => {
      await sender.call('ask.close', { ask: asked, outcome: 'replied', text });
      await sender.call('inbox.ack', { refs: [asked] });
      return asked;
    });
  }
  await send('job', async mark => (await peer.createJob(mark, { to })).job);
  return letters;
}

/** The ask of a session that its sender has yet to answer. */
export async function askFrom(sender: House['sender'], name: string): Promise<string | undefined> {
  const { items } = await sender.call('inbox.read', { max: 100, claim_s: 0 });
  return items.find(({ kind, from_name }) => kind === 'ask' && from_name === name)?.ref;
}
