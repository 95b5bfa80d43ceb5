// Sessions of pages: one-time codes that stand for a token, signed so that they outlive a restart.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { limits } from '../../schemas/limits.js';

export interface Sessions {
  /** A code that starts one session with the token's rights within 30 s. */
  offer(token: string): { code: string; expires_at: number };
  /** A code for the next reconnect of a page, good once within 24 h. */
  resume(token: string): string;
  /** The token behind a code, which is spent by this; undefined when it is none of ours. */
  redeem(code: string): string | undefined;
}

/**
 * Codes made with one key are good at every broker that has it, also after a restart. That a
 * code works once is remembered by this broker only, until the code expires.
 */
export function createSessions(key: string | Uint8Array, now: () => number): Sessions {
  const spent = new Map<string, number>();
  const make = (token: string, expires: number): string => {
    const nonce = randomBytes(12).toString('base64url');
    const body = Buffer.from(`${nonce} ${expires} ${token}`).toString('base64url');
    return `${body}.${sign(key, body)}`;
  };
  return {
    offer(token) {
      const expires_at = now() + limits.session_code_ms;
      return { code: make(token, expires_at), expires_at };
    },
    resume: token => make(token, now() + limits.session_resume_ms),
    redeem(code) {
      const [body = '', signature = ''] = code.split('.');
      if (!isEqual(signature, sign(key, body))) return undefined;
      const [nonce = '', expires, token] = Buffer.from(body, 'base64url').toString().split(' ');
      if (Number(expires) <= now() || spent.has(nonce)) return undefined;
      spend(spent, nonce, Number(expires), now());
      return token;
    },
  };
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
