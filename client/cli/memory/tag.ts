// What a rule is for, as an option says it: a project, a peer or a topic.
import { InvalidArgumentError } from 'commander';
import { TAG } from '../../workspace/rule-file.js';

/** The parser of one such option. */
export function readTag(text: string): string {
  const tag = text.toLowerCase();
  if (TAG.test(tag)) return tag;
  throw new InvalidArgumentError('Write project:NAME, peer:NAME or topic:NAME.');
}

/** The same, where the option may stand several times. */
export function moreTags(text: string, former: string[] = []): string[] {
  return [...former, readTag(text)];
}
