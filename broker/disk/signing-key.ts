// The Ed25519 key pair that a broker signs checkpoints with, kept in its data directory.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeDurably } from './data-dir.js';

/** Signs texts by a key of its own. */
export interface Signer {
  /** The public key, 32 bytes in hex: what a verifier is given. */
  readonly key: string;
  /** The signature of the text, 64 bytes in hex. */
  sign(text: string): string;
}

/** Where the private key lies (PKCS #8 as PEM, 0600). */
export const signingKeyFile = (dataDir: string) => join(dataDir, 'checkpoint.key');

/**
 * The signer of a data directory; its key is made on first use. A damaged one is never replaced
 * unasked: throws with the code `secret_damaged`.
 */
export async function openSigner(dataDir: string): Promise<Signer> {
  const file = signingKeyFile(dataDir);
  const text = await readIfThere(file);
  if (text !== undefined) {
    const kept = keyIn(text);
    if (kept === undefined) throw damaged(file);
    await chmod(file, 0o600);
    return signerOf(kept);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeDurably(file, `${privateKey.export({ type: 'pkcs8', format: 'pem' })}`);
  return signerOf(privateKey);
}

/** The public key of a data directory, hex; makes none: undefined before the first start. */
export async function publicKeyIn(dataDir: string): Promise<string | undefined> {
  const file = signingKeyFile(dataDir);
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const kept = keyIn(text);
  if (kept === undefined) throw damaged(file);
  return publicHex(kept);
}

/** A signer whose key lives as long as the process. */
export function passingSigner(): Signer {
  return signerOf(generateKeyPairSync('ed25519').privateKey);
}

function signerOf(privateKey: KeyObject): Signer {
  return {
    key: publicHex(privateKey),
    sign: text => sign(null, Buffer.from(text), privateKey).toString('hex'),
  };
}

function publicHex(privateKey: KeyObject): string {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('hex');
}

function keyIn(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function damaged(file: string): Error {
  const message = `${file} is damaged. Restore it, or remove it to sign with a new key.`;
  return Object.assign(new Error(message), { code: 'secret_damaged' });
}
