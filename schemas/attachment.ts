// What may be sent beside a text: a thing by reference, or a small text itself.
import { z } from 'zod';
import { boundedText, label, path } from './common.js';
import { limits } from './limits.js';

const parts = {
  name: label.min(1).describe('What it is called, for the reader.'),
  size: z.number().int().nonnegative().optional().describe('In bytes. Left out: not known.'),
  type: label.optional().describe('Its media type. Left out: not known.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
    .optional()
    .describe('The SHA-256 of its bytes, in hex. Left out: not known.'),
  path: path
    .min(1)
    .optional()
    .describe('Where it is on a machine. Left out: it is in url or text.'),
  url: z
    .string()
    .max(limits.url_chars)
    .regex(/^https?:\/\/\S+$/, 'must begin with https:// or http://')
    .optional()
    .describe('Where it is on the web. Left out: it is in path or text.'),
  text: boundedText(
    limits.attachment_text_bytes,
    'The thing itself. Left out: in path or url.',
  ).optional(),
};

/** As a reader is told of it. */
export const attachmentRow = z.object(parts);

export const attachment = z
  .strictObject(parts)
  .refine(
    ({ path, url, text }) => [path, url, text].filter(each => each !== undefined).length === 1,
    'give one of path, url and text',
  );
export type Attachment = z.infer<typeof attachment>;

export const attachments = z
  .array(attachment)
  .max(limits.attachments_items)
  .describe('What comes with it, each by exactly one of path, url and text. Left out: nothing.');
