// Proposals of the noun peer.

import { limits } from '../../../schemas/limits.js';
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { type Commands, type Propose, recipientOf, self } from '../shared/command-context.js';

const proposeJoin: Propose<'peer.join', 'peer.joined'> = (context, params) => {
  const { id, peer, secret, min_position: _, name, circle, role, description, ...profile } = params;
  const me = peer ?? named('peer', id);
  const known = context.table.peers.rows.get(me);
  const hashed = context.hashSecret(secret ?? context.secretFor(id));
  if (known !== undefined && !context.table.peers.hasSecret(me, hashed)) {
    return refuse('unauthorized', 'The secret is not that of this peer; leave both out to be new.');
  }
  const described =
    description === undefined
      ? {}
      : { description, description_until: context.now + limits.description_ttl_s * 1_000 };
  return {
    ...profile,
    ...described,
    peer: me,
    name,
    role,
    // A known peer keeps its circle, as it keeps its name.
    circle: known?.circle ?? circle,
    secret_hash: hashed,
    boot: context.boot,
  };
};

const proposeLeave: Propose<'peer.leave', 'peer.left'> = context => ({
  circle: self(context).circle,
});

const proposeRename: Propose<'peer.rename', 'peer.renamed'> = (context, { name }) => ({
  circle: self(context).circle,
  name,
});

const proposeDescribe: Propose<'peer.describe', 'peer.described'> = (context, { text, ttl_s }) => ({
  circle: self(context).circle,
  text,
  expires_at: context.now + ttl_s * 1_000,
});

const proposeTurn: Propose<'peer.turn', 'peer.turned'> = (context, params) => {
  const { id: _, ...turn } = params;
  return { circle: self(context).circle, ...turn };
};

const proposeKill: Propose<'peer.kill', 'peer.killed'> = (context, { peer, circle }) => {
  const row = recipientOf(context, peer, circle);
  return isRefusal(row) ? row : { circle: row.circle, peer: row.peer };
};

export const peerCommands = {
  'peer.join': proposeJoin,
  'peer.leave': proposeLeave,
  'peer.rename': proposeRename,
  'peer.describe': proposeDescribe,
  'peer.turn': proposeTurn,
  'peer.kill': proposeKill,
} satisfies Commands;
