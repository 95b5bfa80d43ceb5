// A telling: one event as a sentence in plain parts, which each viewer puts into its own words.
/** A piece of a sentence: words, or something that each viewer shows in its own way. */
export type TellingPart =
  | string
  /** Somebody; `name` where the event itself says how it is called. */
  | { kind: 'peer'; id: string; name?: string }
  /** An ask, a job, a schedule, a message; `title` where it is known what it is about. */
  | { kind: 'thing'; noun: string; id: string; title?: string }
  | { kind: 'id'; id: string }
  | { kind: 'pull'; url: string }
  /** How far something is, from 0 to 1. */
  | { kind: 'progress'; share: number };

/** `good` and `bad` for what somebody waits for or dreads, `dim` for what is by the way. */
export type Tone = 'plain' | 'good' | 'bad' | 'dim';

/** One event, told. */
export interface Telling {
  /** Who did it; absent when a broker did. */
  by?: TellingPart;
  /** Who it was for. */
  to?: TellingPart;
  /** What was done, to stand behind them. */
  said: readonly TellingPart[];
  tone: Tone;
}

type Shown = Exclude<TellingPart, string>;

/** How a viewer shows each kind of part. */
export type Voice = { [K in Shown['kind']]: (part: Extract<Shown, { kind: K }>) => string };

/** The parts as one text. */
export function inWords(parts: readonly TellingPart[], voice: Voice): string {
  return parts
    .map(part => (typeof part === 'string' ? part : voice[part.kind](part as never)))
    .join('');
}
