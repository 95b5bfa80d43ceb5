// Sessions of pages: one-time codes that stand for who offered them, signed by HMAC.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { limits } from '../../../schemas/limits.js';
import type { Author } from '../../core/words.js';

export interface Sessions {
  /** A code that starts one session as the author within 30 s. */
  offer(author: Author): { code: string; expires_at: number };
  /** A code for the next reconnect of a page, good once within 24 h. */
  resume(author: Author): string;
  /** The author behind a code, which is spent by this; undefined when it is none of ours. */
  redeem(code: string): Author | undefined;
}

/**
 * Codes made with one key are good at every broker that has it, also after a restart. That a
 * code works once is remembered by this broker only, until the code expires. `now` is in ms UTC.
 * https://www.rfc-editor.org/rfc/rfc2104
 */
export function createSessions(key: string | Uint8Array, now: () => number): Sessions {
  const spent = new Map<string, number>();
  const make = ({ token, peer }: Author, expires: number): string => {
    const nonce = randomBytes(12).toString('base64url');
    const who = peer === undefined ? token : `${token} ${peer}`;
    const body = Buffer.from(`${nonce} ${expires} ${who}`).toString('base64url');
    return `${body}.${sign(key, body)}`;
  };
  return {
    offer(author) {
      const expires_at = now() + limits.session_code_ms;
      return { code: make(author, expires_at), expires_at };
    },
    resume: author => make(author, now() + limits.session_resume_ms),
    redeem(code) {
      const [body = '', signature = ''] = code.split('.');
      if (!isEqual(signature, sign(key, body))) return undefined;
      const [nonce = '', expires, token = '', peer] = wordsOf(body);
      if (Number(expires) <= now() || spent.has(nonce)) return undefined;
      spend(spent, nonce, Number(expires), now());
      return peer === undefined ? { token } : { token, peer };
    },
  };
}

function wordsOf(body: string): string[] {
  return Buffer.from(body, 'base64url').toString().split(' ');
}

function sign(key: string | Uint8Array, body: string): string {
  return createHmac('sha256', key).update(`signalbox session ${body}`).digest('base64url');
}

function isEqual(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function spend(spent: Map<string, number>, nonce: string, expires: number, now: number): void {
  spent.set(nonce, expires);
  if (spent.size <= limits.session_codes) return;
  for (const [old, at] of spent) if (at <= now) spent.delete(old);
}
