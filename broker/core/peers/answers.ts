// What a peer is told when it has joined, or has another name.
import { named } from '../../../schemas/uuid.js';
import { holdsFrom } from '../levels.js';
import { statusOf } from '../rows/presence.js';
import type { Table } from '../rows/table.js';
import {
  type AnswerContext,
  type AnswerMaker,
  type Answers,
  madeSecret,
} from '../shared/answers.js';

const joined: AnswerMaker = (context, command) => {
  const { id, params } = command;
  const peer = typeof params.peer === 'string' ? params.peer : named('peer', id);
  const now = { ...standing(context, peer, params.name), ...madeSecret(context, command) };
  const isSilent = command.isRepeat && params.secret === undefined;
  return isSilent
    ? { ...now, warning: 'The made secret was told once, in the first answer.' }
    : now;
};

/** Where a peer stands as it begins to speak: its name, inbox generation, and the log. */
function standing({ table, cursor, now }: AnswerContext, peer: string, name?: unknown) {
  return {
    peer,
    ...renamed(table, peer, name),
    generation: table.inbox.boxes.get(peer)?.generation ?? 0,
    cursor: cursor(),
    time: now(),
  };
}

function renamed(table: Table, peer = '', wanted: unknown): Record<string, unknown> {
  const row = table.peers.rows.get(peer);
  if (row === undefined) return {};
  if (wanted === undefined || row.name === wanted) return { name: row.name };
  const holder = table.peers.holder(String(wanted), row.circle);
  const isAway = holder !== undefined && statusOf(holder) === 'offline';
  const warning = `"${wanted}" is held by a peer that is offline; was it an earlier session?`;
  const cure = 'Join with its peer id and secret to get the name back.';
  const base = { name: row.name, renamed: true };
  return isAway ? { ...base, warning: `${warning} ${cure}` } : base;
}

export const peerAnswers = {
  'peer.join': joined,
  // From level 3 on nobody is given another name than was asked for: a repeat is told of it, too,
  // whatever the peer is called since.
  'peer.rename': ({ table }, { peer, params }, { reason }) =>
    reason === undefined && holdsFrom(3, table)
      ? { name: params.name }
      : renamed(table, peer, params.name),
} satisfies Answers;
