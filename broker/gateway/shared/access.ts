// Authentication by bearer token: operator token, created token, or peer, to the author it is.
import { createHash, timingSafeEqual } from 'node:crypto';
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import { rights } from '../../core/rows/rights.js';
import { hashSecret } from '../../core/tokens/secret.js';
import type { Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { within } from '../../system/deadline.js';
import { type Rejection, reject } from './rejection.js';

export interface Access {
  /**
   * Whom the value of an Authorization header speaks for. A credential not known yet may be one
   * that another broker has just logged: the log is folded to its head once before the 401;
   * 503 when the log cannot be heard within `limits.answer_wait_ms`.
   */
  identify(authorization: string | undefined): Promise<Author | Rejection>;
}

/**
 * Reads credentials against the log as it is folded; none but the operator's where `isOnly`.
 * Secrets are compared by hash and in constant time. https://www.rfc-editor.org/rfc/rfc6750
 */
export function createAccess(door: Door, operatorToken: string, isOnly = false): Access {
  const operator = digest(operatorToken);
  const find = (secret: string): Author | undefined => {
    if (timingSafeEqual(digest(secret), operator)) return { token: OPERATOR };
    return isOnly ? undefined : findInLog(door, secret);
  };
  return {
    async identify(authorization) {
      const secret = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
      if (secret === undefined) return unauthorized('Send Authorization: Bearer <token>.');
      const known = find(secret);
      if (known) return known;
      if (!(await isCaughtUp(door))) {
        return reject(503, 'unavailable', 'The log cannot be reached just now; try again.');
      }
      return find(secret) ?? unauthorized('The token is unknown, revoked or expired; get another.');
    },
  };
}

function unauthorized(message: string): Rejection {
  return reject(401, 'unauthorized', message);
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function findInLog(door: Door, secret: string): Author | undefined {
  const { tokens } = door.table;
  const bare = tokens.withHash(hashSecret(secret));
  if (bare !== undefined) return alive(door, { token: bare });
  const dot = secret.indexOf('.');
  if (dot < 0) return undefined;
  const id = secret.slice(0, dot);
  const hash = hashSecret(secret.slice(dot + 1));
  return id.startsWith('peer_') ? findPeer(door, id, hash) : findToken(door, id, hash);
}

function findToken(door: Door, token: string, hash: string): Author | undefined {
  return door.table.tokens.withHash(hash) === token ? alive(door, { token }) : undefined;
}

function findPeer(door: Door, peer: string, hash: string): Author | undefined {
  const row = door.table.peers.rows.get(peer);
  if (row === undefined || row.retired !== undefined) return undefined;
  const isRight = door.table.peers.hasSecret(peer, hash);
  return isRight ? alive(door, { token: row.token, peer }) : undefined;
}

/** The author, unless the token behind it has been revoked or has expired. */
function alive(door: Door, author: Author): Author | undefined {
  return rights(door.table, author.token, doorTime(door)) && author;
}

/** The time by which rights are judged at the door: mesh time, never behind log time. */
export function doorTime(door: Door): number {
  return door.now();
}

function isCaughtUp(door: Door): Promise<boolean> {
  const caughtUp = door.caughtUp().then(
    () => true,
    () => false,
  );
  return within(caughtUp, limits.answer_wait_ms, false);
}
