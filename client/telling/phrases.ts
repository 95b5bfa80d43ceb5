// The phrases that several sentences share: who did what for whom, and the things named in it.
import type { Question } from '../../schemas/ask.js';
import type { Memory } from './memory.js';
import type { Telling, TellingPart, Tone } from './telling.js';

/** Of commits as people know them. */
const SHORT_SHA = 7;
const SECOND = 1_000;
const MINUTE = 60_000;

/** Somebody did something. */
export function did(by: string, said: readonly TellingPart[], tone: Tone = 'plain'): Telling {
  return { by: peer(by), said, tone };
}

/** Somebody sent something to a peer, or to those whom words stand for. */
export function sent(by: string, to: TellingPart, said: readonly TellingPart[]): Telling {
  return { by: peer(by), to, said, tone: 'plain' };
}

/** Something happened that nobody did: a broker says so. */
export function happened(said: readonly TellingPart[], tone: Tone = 'plain'): Telling {
  return { said, tone };
}

/** Somebody by an id. */
export function peer(id: string): TellingPart {
  return { kind: 'peer', id };
}

/** An id that people may type. */
export function short(id: string): TellingPart {
  return { kind: 'id', id };
}

/** What an item of a board is linked with: an id, an address, or a path. */
export function linked(ref: string): TellingPart {
  if (/^https?:/.test(ref)) return pull(ref);
  return ref.startsWith('/') ? ref : short(ref);
}

/** A pull request by its address. */
export function pull(url: string): TellingPart {
  return { kind: 'pull', url };
}

/** A thing by its id, and what it is about as far as that is known. */
export function thing(noun: string, id: string, { titles }: Memory): TellingPart {
  const title = titles.get(id);
  return title === undefined ? { kind: 'thing', noun, id } : { kind: 'thing', noun, id, title };
}

/** A text behind what it belongs to, where there is one. */
export function below(text: string | undefined): string {
  return text ? `: ${text}` : '';
}

/** A word of the protocol as people write it. */
export function spaced(word: string): string {
  return word.replaceAll('_', ' ');
}

/** Up to which commit, where that is known. */
export function atCommit(sha: string | undefined): string {
  return sha ? ` at ${sha.slice(0, SHORT_SHA)}` : '';
}

/** What there is to choose from. */
export function choices(question: unknown): string {
  const { options = [] } = (question ?? {}) as Partial<Question>;
  return options.length > 0 ? ` [${options.map(({ label }) => label).join(' | ')}]` : '';
}

/** By how much something came after its time. */
export function late(ms: number): string {
  if (ms < SECOND) return `${ms} ms`;
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)} s` : `${Math.round(ms / MINUTE)} min`;
}

interface UsedTokens {
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
}

/** What a turn took of a model. */
export function used(usage: unknown): string {
  if (typeof usage !== 'object' || usage === null) return '';
  const { model, input_tokens = 0, output_tokens = 0, cost_usd = 0 } = usage as Partial<UsedTokens>;
  const tokens = `${thousands(input_tokens)} tokens in, ${thousands(output_tokens)} out`;
  return `, ${tokens}, $${cost_usd.toFixed(2)}${model ? ` (${model})` : ''}`;
}

/** 18.2k for 18200. */
export function thousands(count: number): string {
  return count < 1_000 ? String(count) : `${(count / 1_000).toFixed(1)}k`;
}

/** Why an attempt to deliver failed. */
export function faulty({ reason, status }: { reason: string; status?: number }): string {
  return status === undefined ? spaced(reason) : `${spaced(reason)} ${status}`;
}
