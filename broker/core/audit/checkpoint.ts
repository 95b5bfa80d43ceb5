// Checkpoints: what is signed of the history, and the check of an Ed25519 signature.
import { createPublicKey, verify } from 'node:crypto';

/** What a checkpoint says of the history up to and with one commit. */
export interface CheckpointFacts {
  /** The log id, and the mesh whose log it is. */
  log: string;
  mesh: string;
  sequence: number;
  /** The rolling digest there, hex. */
  digest: string;
  /** How many events the log held. */
  events?: number | undefined;
  /** The hash of the state there, as `STATE` has it. */
  state?: string | undefined;
}

/**
 * The text that a checkpoint's signature covers: one fact a line under a first line that no other
 * signed text begins with (domain separation).
 * https://en.wikipedia.org/wiki/Domain_separation
 */
export function checkpointText(facts: CheckpointFacts): string {
  const { log, mesh, sequence, digest, events = '-', state = '-' } = facts;
  const lines = { log, mesh, sequence, digest, events, state };
  return statementText('signalbox checkpoint 1', lines);
}

/** A text to be signed. No value holds a line break, so two statements never share a text. */
export function statementText(title: string, facts: Record<string, string | number>): string {
  const lines = Object.entries(facts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${[title, ...lines].join('\n')}\n`;
}

export const KEY_HEX = /^[0-9a-f]{64}$/;
export const DIGEST_HEX = /^[0-9a-f]{64}$/;
/** The version of the fold, a colon, and the hash in hex: hashes of other versions differ. */
export const STATE = /^([\w.-]{1,64}):[0-9a-f]{64}$/;
export const SIGNATURE_HEX = /^[0-9a-f]{128}$/;

/**
 * True when the key, 32 bytes in hex, made this Ed25519 signature of the text; false for anything
 * else, never an error. https://www.rfc-editor.org/rfc/rfc8032
 */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  if (!KEY_HEX.test(key) || !SIGNATURE_HEX.test(signature)) return false;
  const x = Buffer.from(key, 'hex').toString('base64url');
  try {
    const made = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(text), made, Buffer.from(signature, 'hex'));
  } catch {
    return false;
  }
}
