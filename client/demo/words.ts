// The words of the play: a telling as a line of its page, where things go by their titles.
import type { Telling, TellingPart, Tone, Voice } from '../telling/telling.js';
import { inWords } from '../telling/telling.js';
import { shortId } from '../terminal/short-id.js';

/** One line in columns: who, for whom, what. */
export interface PageLine {
  /** The id of who did it; absent when the broker did. */
  by?: string;
  /** Who it was for: a peer's id, or a word. */
  to?: string;
  text: string;
  tone?: Tone;
}

/** So that the end of a thing is seen without colours too. */
const marks: Record<Tone, string> = { good: '✓ ', bad: '✗ ', plain: '', dim: '' };

/** The telling as a line; `nameOf` says what a peer is called by now. */
export function lineOf({ by, to, said, tone }: Telling, nameOf: (id: string) => string): PageLine {
  const voice: Voice = {
    peer: ({ id }) => nameOf(id),
    thing: ({ noun, title }) => (title === undefined ? noun : `“${title}”`),
    id: ({ id }) => shortId(id),
    pull: ({ url }) => pull(url),
    progress: ({ share }) => bar(share),
  };
  return {
    ...(by && { by: idOf(by) }),
    ...(to && { to: idOf(to) }),
    text: marks[tone] + inWords(said, voice),
    tone,
  };
}

/** Who is known by an id is shown in its own colour. */
function idOf(part: TellingPart): string {
  if (typeof part === 'string') return part;
  return part.kind === 'peer' ? part.id : '';
}

/** `org/name#1` of the address of a pull request. */
export function pull(url: string): string {
  const { name, number } = /\/(?<name>[^/]+)\/pull\/(?<number>\d+)$/.exec(url)?.groups ?? {};
  return name && number ? `${name}#${number}` : url;
}

/** How far something is, as a bar of ten. */
export function bar(progress: number | undefined): string {
  const tens = Math.round((progress ?? 0) * 10);
  const percent = `${Math.round((progress ?? 0) * 100)}`.padStart(3);
  return `${'█'.repeat(tens)}${'░'.repeat(10 - tens)} ${percent} %`;
}
