// The code blocks of the README part "With your agents", as a newcomer would type them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('../../../../README.md', import.meta.url));
const BLOCK = /<!-- agents: (\w+)(?:, (\w+))? -->\n```\w*\n([\s\S]*?)```/g;

/** One block. */
export interface Block {
  /** Whose terminal it is of. */
  who: string;
  /** Typed into a shell, said to an agent, or shown by the block before. */
  kind: 'typed' | 'says' | 'sees';
  text: string;
}

/** All of them, in order. */
export function agentBlocks(): Block[] {
  return [...readFileSync(README, 'utf8').matchAll(BLOCK)].map(
    ([, who = '', kind = 'typed', text = '']) => ({
      ...{ who, kind: kind as Block['kind'], text: text.trimEnd() },
    }),
  );
}

/** What of a line is the same each time: no date, time and zone, and no width of a column. */
export function timeless(line: string): string {
  return line
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+/, '<time>')
    .replace(/\s+/g, ' ')
    .trim();
}
