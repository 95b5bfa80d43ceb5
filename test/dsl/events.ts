// Named people and what they say, as events: web asks api, orch is told, far lives elsewhere.
import { LEVEL } from '../../broker/core/levels.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import type { Role, Verb } from '../../schemas/common.js';
import type { EventOf, EventType } from '../../schemas/event.js';
import { makeUuid, named, OPERATOR } from '../../schemas/uuid.js';

export const T0 = Date.UTC(2026, 0, 5, 9);
export const BOOT = 'boot_a';
export const GATEWAY = 'gateway_a';

export interface Person {
  peer: string;
  name: string;
  circle: string;
  role: Role;
  token: string;
  secret: string;
}

export function person(name: string, more: Partial<Person> = {}): Person {
  return {
    peer: `peer_${name.padEnd(8, '-')}`,
    name,
    circle: 'default',
    role: 'agent',
    token: OPERATOR,
    secret: `the-secret-of-${name}`,
    ...more,
  };
}

export const web = person('web');
export const api = person('api');
export const db = person('db');
export const orch = person('orch', { role: 'orchestrator' });
/** Lives in another circle. */
export const far = person('far', { circle: 'elsewhere' });

/** The n-th uuid, made n ms after the tests' beginning. */
export function uuid(n: number): string {
  const tail = [0, 0, n >> 24, n >> 16, n >> 8, n].map(byte => byte & 0xff);
  return makeUuid(T0 + n, Uint8Array.from([0, 0, 0, 0, ...tail]));
}

export const askNo = (n: number) => named('ask', uuid(n));
export const msgNo = (n: number) => named('msg', uuid(n));
export const tokenNo = (n: number) => named('token', uuid(n));

/** An event not yet stamped; without an id it is given the next free one. */
export type Draft = { type: EventType; by: string; id?: string };
type Data<T extends EventType> = Partial<EventOf<T>>;

/** A word in the place of an enumeration's: a log may hold one that is none of them. */
export const anyWord = (word: string) => word as never;

/** Any event of a person, with its rights. */
export function says<T extends EventType>(who: Person, type: T, data: Data<T>): Draft {
  return { type, by: who.peer, token: who.token, circle: who.circle, ...data } as Draft;
}

/** An event that a broker proposes. */
export function broker<T extends EventType>(type: T, data: Data<T>, boot = BOOT): Draft {
  return { type, by: boot, circle: '*', ...data } as Draft;
}

/** An event of a bare token. */
export function bare<T extends EventType>(token: string, type: T, data: Data<T>): Draft {
  return { type, by: token, token, circle: '*', ...data } as Draft;
}

export const opened = (log = 'log_1', more: Data<'log.opened'> = {}) =>
  broker('log.opened', { log, mesh: 'home', level: LEVEL, ...more });
export const started = (gateway: string, boot: string) =>
  broker('gateway.started', { gateway, boot }, boot);
/** What a broker would say of a history now; its signature is none, which no rule looks at. */
export const checkpoints = (
  { sequence, digest }: { sequence: number; digest: Uint8Array },
  more: Data<'log.checkpointed'> = {},
) =>
  broker('log.checkpointed', {
    sequence,
    digest: Buffer.from(digest).toString('hex'),
    key: 'a'.repeat(64),
    signature: 'b'.repeat(128),
    ...more,
  });
export const lost = (boot: string) => broker('gateway.lost', { boot });

/** Joins and, unless told otherwise, is connected through the tests' gateway. */
export function joins(who: Person, more: Data<'peer.joined'> = {}): Draft {
  const { peer, name, role, circle, token, secret } = who;
  const secret_hash = hashSecret(secret);
  return bare(token, 'peer.joined', { peer, name, role, circle, secret_hash, boot: BOOT, ...more });
}

/** Joins without a connection: its asks and messages queue. */
export function joinsAway(who: Person, more: Data<'peer.joined'> = {}): Draft {
  const { boot: _, ...draft } = joins(who, more) as Draft & { boot?: string };
  return draft;
}

export const connects = (who: Person, boot = BOOT) =>
  broker('peer.connected', { peer: who.peer, circle: who.circle, boot }, boot);
export const disconnects = (who: Person, boot = BOOT) =>
  broker('peer.disconnected', { peer: who.peer, circle: who.circle, boot }, boot);
export const leaves = (who: Person) => says(who, 'peer.left', {});
export const renames = (who: Person, name: string) => says(who, 'peer.renamed', { name });
export const turns = (who: Person, state: string, more: Partial<Data<'peer.turned'>> = {}) =>
  says(who, 'peer.turned', { state: anyWord(state), ...more });
export const kills = (victim: Person) =>
  bare(OPERATOR, 'peer.killed', { peer: victim.peer, circle: victim.circle });

export const retired = (who: Person) =>
  broker('peer.retired', { peer: who.peer, circle: who.circle });

export function asks(
  n: number,
  who: Person,
  to: Person,
  text = 'may I?',
  more: Data<'ask.opened'> = {},
): Draft {
  const ask = { id: uuid(n), ask: askNo(n), to: to.peer, circle: to.circle, text };
  return says(who, 'ask.opened', { ...ask, ...more });
}

export function closes(
  who: Person,
  n: number,
  outcome: string,
  more: Data<'ask.closed'> = {},
): Draft {
  return says(who, 'ask.closed', { ask: askNo(n), outcome: anyWord(outcome), ...more });
}

export function tells(
  n: number,
  who: Person,
  to: Person,
  text: string,
  more: Data<'message.notified'> = {},
): Draft {
  const message = { id: uuid(n), message: msgNo(n), to: to.peer, circle: to.circle, text };
  return says(who, 'message.notified', { ...message, backlog: 'deliver', ...more });
}

export const digests = (n: number, who: Person, to: Person, text: string) =>
  tells(n, who, to, text, { backlog: 'digest' });

export const calls = (n: number, who: Person, text: string, more: Data<'message.broadcast'> = {}) =>
  says(who, 'message.broadcast', { id: uuid(n), message: msgNo(n), text, ...more });
export const retracts = (who: Person, n: number) =>
  says(who, 'message.retracted', { message: msgNo(n) });
export const takes = (who: Person) => says(who, 'inbox.taken', {});
export const sees = (who: Person, ...refs: string[]) => says(who, 'inbox.acknowledged', { refs });
/** A hook of a session is given these items, by an author that knew of all hand-overs. */
export const handed = (who: Person, data: Data<'inbox.handed'>) =>
  says(who, 'inbox.handed', { known: Number.MAX_SAFE_INTEGER, ...data });
export const acks = (who: Person, data: Data<'inbox.acknowledged'>) =>
  says(who, 'inbox.acknowledged', data);

interface TokenWords {
  circles?: string[];
  roles?: Role[];
  verbs?: Verb[];
  expires_at?: number;
  secret_hash?: string;
  circle?: string;
}

/** The operator makes token number n. */
export function makesToken(n: number, words: TokenWords = {}, by: string = OPERATOR): Draft {
  const all: Role[] = ['agent', 'orchestrator', 'service', 'human'];
  return bare(by, 'token.created', {
    id: uuid(n),
    name: `token-${n}`,
    circles: ['*'],
    roles: all,
    verbs: ['observe', 'speak'],
    secret_hash: hashSecret(`secret of token ${n}`),
    ...words,
  });
}

export const revokes = (n: number, by: string = OPERATOR) =>
  bare(by, 'token.revoked', { revoked: tokenNo(n) });
