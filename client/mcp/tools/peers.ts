// Tools for peers: who is here, who one is, and what one is doing.
import type { PeerRow } from '../../../schemas/peer.js';
import { seenText } from '../../runtimes/when-seen.js';
import { age } from '../../terminal/times.js';
import { methodTool, type Tool } from '../tool.js';
import { quote } from '../words.js';

const listPeers = methodTool({
  name: 'list_peers',
  method: 'peer.list',
  fields: 'circle offline max after',
  help: 'The other peers: who is there and what each is doing.',
  effect: 'reads',
  words: { circle: '* for all.', offline: 'Also who is offline.', max: '', after: '' },
  tell: ({ rows, next }, { now }) => ({
    peers: rows.map(row => peerFacts(row, now)),
    ...(rows.length === 0 && { none: 'nobody else is here just now' }),
    more: next && `there are more: list_peers after=${next}`,
    next: rows.length === 0 ? 'offline=true lists who was here' : 'ask or notify one by its name',
  }),
});

function peerFacts(row: PeerRow, now: number) {
  const { name, peer, circle, role, status, turn, project, runtime, description, queued } = row;
  const { seen_when } = row;
  return {
    name,
    peer,
    circle,
    role: role === 'agent' ? undefined : role,
    status: status === 'offline' ? `offline, seen ${age(row.last_seen, now)}` : status,
    turn,
    project: quote(project),
    runtime: quote(runtime),
    doing: quote(description),
    mail: seen_when && status !== 'offline' ? seenText(seen_when, runtime) : undefined,
    unread: queued === 0 ? undefined : queued,
  };
}

const whoami = methodTool({
  name: 'whoami',
  method: 'peer.whoami',
  fields: '',
  help: 'Your own name, circle and rights on the mesh.',
  effect: 'reads',
  tell: ({ name, peer, circle, role, description, queued, verbs, circles }) => ({
    name,
    peer,
    circle,
    role,
    doing: quote(description),
    unread: queued ?? 0,
    may: `${verbs.join(', ')} in ${circles.join(', ')}`,
    next: queued ? 'read what waits: inbox' : 'say what you work on: set_description',
  }),
});

const setDescription = methodTool({
  name: 'set_description',
  method: 'peer.describe',
  fields: 'text ttl_s',
  help: 'Say in a line what you are working on; others see it. Again when that changes.',
  effect: 'says',
  words: { text: '', ttl_s: 'Seconds it stands.' },
  tell: () => ({ described: 'yes', next: 'say it anew when it changes, or before it lapses' }),
});

const setName = methodTool({
  name: 'set_name',
  method: 'peer.rename',
  fields: 'name',
  help: 'Be called otherwise from now on.',
  effect: 'says',
  tell: ({ name }) => ({ name, next: 'others reach you by this name' }),
});

const orchestratorStatus = methodTool({
  name: 'orchestrator_status',
  method: 'orchestrator.status',
  fields: 'circle',
  help: 'Whether a live orchestrator is there, and who: presence only.',
  effect: 'reads',
  tell: ({ present, name, peer, last_seen, stale_after_s, others }, { now }) => ({
    present,
    name,
    peer,
    last_seen: last_seen === undefined ? undefined : age(last_seen, now),
    stale_after_s,
    others: others.map(other => ({ name: other.name, seen: age(other.last_seen, now) })),
    next: present ? 'ask or notify it by name' : 'nobody coordinates just now',
  }),
});

/** Always loaded. */
export const peerTools: readonly Tool[] = [listPeers, whoami, setDescription];
/** Behind `more`. */
export const morePeerTools: readonly Tool[] = [orchestratorStatus, setName];
