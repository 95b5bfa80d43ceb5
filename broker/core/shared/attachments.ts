// Attachments as an event carries them, read with distrust.
import type { Attachment } from '../../../schemas/attachment.js';
import { limits } from '../../../schemas/limits.js';

type Fields = Record<string, unknown>;
const words = ['type', 'sha256', 'path', 'url', 'text'] as const;

/** The attachments, and nothing beside their fields; undefined when one is none. */
export function attachmentsFrom(list: readonly Fields[]): Attachment[] | undefined {
  if (list.length === 0 || list.length > limits.attachments_items) return undefined;
  const read: Attachment[] = [];
  for (const fields of list) {
    const attachment = attachmentFrom(fields);
    if (attachment === undefined) return undefined;
    read.push(attachment);
  }
  return read;
}

function attachmentFrom(fields: Fields): Attachment | undefined {
  const { name, size } = fields;
  if (typeof name !== 'string') return undefined;
  const read: Attachment = { name };
  if (size !== undefined) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
    read.size = size;
  }
  for (const word of words) {
    const value = fields[word];
    if (value === undefined) continue;
    if (typeof value !== 'string') return undefined;
    read[word] = value;
  }
  const places = [read.path, read.url, read.text].filter(place => place !== undefined);
  return places.length === 1 ? read : undefined;
}
