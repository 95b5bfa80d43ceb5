// Memory accounting: what a row holds beside its text, in characters, counted to its bounds.
import type { Question } from '../../../schemas/ask.js';
import type { Attachment } from '../../../schemas/attachment.js';

interface Laden {
  question?: Question | undefined;
  attachments?: readonly Attachment[] | undefined;
}

/** The characters of a question’s options and of all attachments; 0 for most of what is sent. */
export function weightOf({ question, attachments }: Laden): number {
  if (question === undefined && attachments === undefined) return 0;
  let chars = 0;
  for (const { id, label } of question?.options ?? []) chars += id.length + label.length;
  for (const { name, type, sha256, path, url, text } of attachments ?? []) {
    for (const words of [name, type, sha256, path, url, text]) chars += words?.length ?? 0;
  }
  return chars;
}
