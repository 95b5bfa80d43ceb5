// What peers are called now, learnt from the list of peers and from the log as it goes by.
import type { SignalEvent } from '../../../schemas/event.js';
import { shortId } from './short-id.js';

export interface Names {
  /** The name of a peer; the short id of one that nobody has named. */
  of(id: string): string;
  learn(event: SignalEvent): void;
}

export function createNames(rows: readonly { peer: string; name: string }[]): Names {
  const names = new Map(rows.map(row => [row.peer, row.name]));
  return {
    of: id => names.get(id) ?? (/^(peer|token|boot)_/.test(id) ? unnamed(id) : id),
    learn(event) {
      // A name already listed is newer than the one of an old join.
      if (event.type === 'peer.joined' && !names.has(event.peer)) names.set(event.peer, event.name);
      if (event.type === 'peer.renamed') names.set(event.by, event.name);
      if (event.type === 'token.created') names.set(`token_${event.id}`, `token ${event.name}`);
    },
  };
}

function unnamed(id: string): string {
  return id.slice(0, id.indexOf('_') + 1) + shortId(id);
}
