// Puts a play on: a connection that witnesses, the scenes, and an end that leaves nobody there.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role, Verb } from '../../schemas/common.js';
import { limits } from '../../schemas/limits.js';
import { connect } from '../index.js';
import type { Client } from '../sdk/api.js';
import { Failure } from '../terminal/exit.js';
import type { Actor, PlayPlace } from './actor.js';
import { disband } from './company.js';
import type { Story } from './story.js';
import { openWitness, type Witness } from './witness.js';

/** How a play is put on. */
export interface PutOnOptions {
  /** On which broker, and where there. */
  where: string;
  /** What the reader may type next. */
  next: readonly (readonly [command: string, what: string])[];
  /** Where its files may lie; whoever puts it on removes it. */
  directory: string;
  /** Ends the play. */
  signal: AbortSignal;
}

/** Who plays, in which order they leave if it is broken off, and what it is about. */
export interface Cast {
  actors: readonly Actor[];
  /** The pull requests that are only played. */
  pulls: readonly string[];
  title: string;
  /** What the token must allow. */
  needs?: { roles: readonly Role[]; verbs: readonly Verb[] };
}

/**
 * Plays once. Whatever happens, also when the signal aborts it, its peers have left afterwards,
 * nothing of it waits for anybody, and nothing of it writes files any more. Rejects with
 * RefusalError, ClientError, Failure, or the signal's reason.
 */
export async function putOn(
  place: PlayPlace,
  story: Story,
  { where, next, signal }: PutOnOptions,
  { actors, pulls, title, needs }: Cast,
  act: (witness: Witness) => Promise<void>,
): Promise<void> {
  // Tried once: who waits for a demo wants to know at once that there is no broker.
  const client = await connect({ url: place.url, credential: place.credential, wait_ms: 0 });
  let scenes: Promise<void> = Promise.resolve();
  try {
    if (needs !== undefined) await demandRights(client, needs);
    await story.title(`signalbox demo, live ${where}`, title);
    scenes = openWitness(client, place.circle).then(act);
    await Promise.race([scenes, aborted(signal)]);
  } finally {
    await disband(actors, pulls);
    await client.close();
    // Without a connection its next step fails, but for a child process that is under way.
    await Promise.race([scenes.catch(() => {}), sleep(limits.demo_wait_ms, 0, { ref: false })]);
    // Ctrl-C ends the child processes of a terminal too, which is no fault of theirs.
    signal.throwIfAborted();
  }
  await story.end(next);
}

/** Before anything is played: half a play helps nobody. */
async function demandRights(client: Client, needs: NonNullable<Cast['needs']>): Promise<void> {
  const { roles, verbs } = await client.whoami();
  const lacking = [
    ...needs.verbs.filter(verb => !verbs.includes(verb)).map(verb => `to ${verb}`),
    ...needs.roles.filter(role => !roles.includes(role)).map(role => `the role ${role}`),
  ];
  if (lacking.length === 0) return;
  throw new Failure('unauthorised', `the token of this play lacks: ${lacking.join(', ')}`, {
    hint: 'give the token of the operator, or play it on a broker of its own, without --here',
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
