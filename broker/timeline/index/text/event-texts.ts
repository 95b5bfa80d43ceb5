// The texts of an event: what people and agents wrote in it, in the order in which it is read.
import type { SignalEvent } from '../../../../schemas/event.js';
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

/** Words one after another, as the index is given them. */
export function joinWords(texts: readonly (readonly { word: string }[])[]): string {
  return texts.map(tokens => tokens.map(({ word }) => word).join(' ')).join(` ${BOUNDARY} `);
}
