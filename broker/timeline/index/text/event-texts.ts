// The texts of an event: what people and agents wrote in it, in the order in which it is read.
import type { SignalEvent } from '../../../../schemas/event.js';
import { limits } from '../../../../schemas/limits.js';
import { tokensOf } from '../../../core/log/tokens.js';
import { isBrokerType } from '../../../core/tokens/authority.js';

/** Where words stand, in any kind of event; the longest first where one has several. */
const FIELDS = [
  'title',
  'text',
  'body',
  'summary',
  'result_text',
  'error',
  'note',
  'phase',
  'reason',
  'description',
  'name',
  'project',
  'kind',
  'correlation',
  'pr_url',
] as const;

/** Between two texts, so that no phrase reaches from one into the next. */
const BOUNDARY = '\ue000';

/** Not what brokers say by themselves, but for the titles of reviews. */
export function textsOf(event: SignalEvent): string[] {
  if (isBrokerType(event.type) && event.type !== 'review.observed') return [];
  const fields = event as unknown as Record<string, unknown>;
  const texts: string[] = [];
  for (const field of FIELDS) {
    const text = fields[field];
    if (typeof text === 'string' && text !== '') texts.push(text);
  }
  const { question, attachments, artifacts } = fields;
  for (const { label } of listOf((question as { options?: unknown } | undefined)?.options)) {
    if (typeof label === 'string') texts.push(label);
  }
  for (const { name, text, url } of [...listOf(attachments), ...listOf(artifacts)]) {
    for (const each of [name, text, url]) if (typeof each === 'string') texts.push(each);
  }
  return texts;
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter(item => typeof item === 'object' && item !== null)
    : [];
}

/** Of such a text the `ascii` tokenizer of FTS5 makes the same words as `tokensOf`. */
const PLAIN = /^[\t-\r\x20-\x7e]*$/;

/** The words of all texts one after another, as the index is given them. */
export function wordsOf(texts: readonly string[]): string {
  let words = '';
  for (const text of texts) {
    if (words !== '') words += ` ${BOUNDARY} `;
    const isPlain = PLAIN.test(text) && !hasLongWord(text);
    words += isPlain
      ? text
      : tokensOf(text)
          .map(({ word }) => word)
          .join(' ');
  }
  return words;
}

/** True when a word of a plain text is cut; such a word is met at one of every so many places. */
function hasLongWord(text: string): boolean {
  for (let at = limits.word_chars; at < text.length; at += limits.word_chars + 1) {
    if (!isInWord(text, at)) continue;
    let [from, to] = [at, at + 1];
    while (isInWord(text, from - 1)) from--;
    while (isInWord(text, to)) to++;
    if (to - from > limits.word_chars) return true;
  }
  return false;
}

function isInWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at) | 0x20;
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}
