// Secrets: hashed before anything keeps them, and made so that one id makes one secret.
import { createHash, createHmac } from 'node:crypto';

/**
 * SHA-256, hex: what the log holds of a secret. Unsalted, as secrets are random and too long to
 * guess. https://www.rfc-editor.org/rfc/rfc6234
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/**
 * The secret of what the command `id` creates: the same on every repeat, unguessable without the
 * key (HMAC). https://www.rfc-editor.org/rfc/rfc2104
 */
export function secretMaker(key: Uint8Array): (id: string) => string {
  return id => createHmac('sha256', key).update(`secret of ${id}`).digest('base64url');
}
