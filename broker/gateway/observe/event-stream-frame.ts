// Encoding of server-sent events: a record each, whose id is the cursor behind it.
import { limits } from '../../../schemas/limits.js';
import { formatCursor, type Point } from '../../core/cursor.js';
import { isMalformed, type PassedRecord } from './event-filter.js';
import { encodeLine } from './record-frame.js';

/** A stretch of the log: its commits, in order, and what one group may see of them. */
export interface Passage {
  log: string;
  commits: readonly Point[];
  lines: readonly PassedRecord[];
}

/**
 * One event a record; without any an id alone (`to`, where the stretch ends), which moves the
 * reader on and fires nothing. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function encodeEvents({ log, commits, lines }: Passage, to: string): string {
  if (lines.length === 0) return `id: ${to}\n\n`;
  let text = '';
  let at = 0;
  let commit = '';
  for (const line of lines) {
    const { position, type } = line.record;
    const index = position % limits.commit_positions;
    const sequence = (position - index) / limits.commit_positions;
    if (commits[at]?.sequence !== sequence) commit = '';
    while (commits[at]!.sequence < sequence) at++;
    commit ||= formatCursor(log, sequence, commits[at]!.digest);
    // What stands as the type of malformed bytes may be anything, line breaks too.
    const name = isMalformed(line.record) ? 'malformed' : type;
    text += `id: ${commit}.${index + 1}\nevent: ${name}\ndata: ${encodeLine(line)}\n\n`;
  }
  return text;
}
