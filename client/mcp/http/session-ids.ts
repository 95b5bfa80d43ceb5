// Session ids of MCP over HTTP: each proves by itself who made it, for which token, and when.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { clientLimits as limits } from '../../../schemas/limits-client.js';

/** Whose session it is: the bearer of a credential, under the name and circle it asked for. */
export interface Holder {
  bearer: string;
  name?: string;
  circle?: string;
  /** Whether all tools are listed. */
  isFull: boolean;
}

/**
 * Ids that a broker knows again after it was killed, without keeping any: a nonce, the time it was
 * made and a keyed hash (https://www.rfc-editor.org/rfc/rfc2104) of both and of its holder. With
 * another's token, or another name, an id is nobody's.
 */
export class SessionIds {
  readonly #key: Buffer;

  /** The same secret after a restart keeps the ids of before. */
  constructor(secret: string) {
    this.#key = createHash('sha256').update(`mcp sessions ${secret}`).digest();
  }

  make(holder: Holder, now_ms: number): string {
    const seed = `${randomBytes(16).toString('base64url')}.${now_ms.toString(36)}`;
    return `${seed}.${this.#mac(seed, holder)}`;
  }

  /** Whether an id is one of ours for this holder, and young enough to begin again with. */
  check(id: string, holder: Holder, now_ms: number): 'foreign' | 'old' | 'good' {
    const [, seed, time = '', mac = ''] =
      /^([\w-]{22}\.([0-9a-z]{1,11}))\.([\w-]{43})$/.exec(id) ?? [];
    if (seed === undefined) return 'foreign';
    const [given, own] = [Buffer.from(mac), Buffer.from(this.#mac(seed, holder))];
    if (!timingSafeEqual(given, own)) return 'foreign';
    return now_ms - Number.parseInt(time, 36) > limits.mcp_session_ms ? 'old' : 'good';
  }

  #mac(seed: string, { bearer, name = '', circle = '' }: Holder): string {
    const text = JSON.stringify([seed, bearer, name, circle]);
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}
