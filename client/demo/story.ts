// How the play is told: at a reader's pace to people, as data and without a pause to a script.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventType, LogRecord } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { BoardItem } from '../boards/board.js';
import { createMemory } from '../telling/memory.js';
import { tellingOf } from '../telling/sentences.js';
import { createNames } from '../terminal/names.js';
import type { Terminal } from '../terminal/terminal.js';
import { createPage } from './page.js';
import { lineOf } from './words.js';

export interface Story {
  /** What a peer is called, as the log said. */
  name(peer: string): string;
  /** How many events it told of, and the ms from the first to the last. */
  extent(): { events: number; ms: number };
  title(name: string, line: string): Promise<void>;
  scene(title: string, line: string): Promise<void>;
  /** An event of the log. */
  event(record: LogRecord): Promise<void>;
  /** Something that a peer read back from the broker. */
  read(by: string, text: string): Promise<void>;
  board(items: readonly BoardItem[]): Promise<void>;
  table(head: readonly string[], rows: readonly string[][]): Promise<void>;
  /** A text that was handed to who was told of last. */
  quote(text: string): Promise<void>;
  /** A remark of the teller. */
  note(text: string): Promise<void>;
  /** What the reader may do next. */
  end(commands: readonly (readonly [command: string, what: string])[]): Promise<void>;
}

export interface StoryOptions {
  terminal: Terminal;
  /** Without the pauses in which people read. */
  isFast: boolean;
  /** Each pause is so much longer; 1 where it is left out. */
  pace?: number;
  /** Ends a pause with an error. */
  signal: AbortSignal;
}

interface Told extends LogRecord {
  scene: number;
}

const machinery: ReadonlySet<EventType> = new Set([
  'inbox.taken',
  'inbox.acknowledged',
  'review.forgotten',
]);

/** What the play is not about, as a first connection. */
function isMachinery({ event }: LogRecord, away: ReadonlySet<string>): boolean {
  return machinery.has(event.type) || (event.type === 'peer.connected' && !away.has(event.peer));
}

export function openStory({ terminal, isFast, signal, pace = 1 }: StoryOptions): Story {
  const memory = createMemory();
  const names = createNames([]);
  const page = createPage(terminal, names.of);
  const told: Told[] = [];
  let scene = 0;
  let last = 'the prompt';
  const isForPeople = terminal.format === 'people';
  const rest = async (ms: number) => {
    if (isForPeople && !isFast) await sleep(ms * pace, undefined, { signal });
  };
  const say = async (ms: number, lines: readonly string[]) => {
    signal.throwIfAborted();
    // Whoever comes next after a gap need not open another.
    const shown = lines.filter((line, n) => line !== '' || (n > 0 ? lines[n - 1] : last) !== '');
    last = shown.at(-1) ?? last;
    if (isForPeople) await terminal.out(...shown);
    await rest(ms);
  };
  const extent = () => {
    const [first, last] = [told[0], told.at(-1)];
    return { events: told.length, ms: first && last ? last.time - first.time : 0 };
  };
  return {
    name: names.of,
    extent,
    title: (name, line) => say(limits.demo_block_ms, page.title(name, line)),
    scene: async (title, line) => {
      scene += 1;
      await rest(limits.demo_scene_ms);
      await say(limits.demo_block_ms, page.scene(scene, title, line));
    },
    event: async record => {
      const row = { scene, ...record };
      told.push(row);
      if (terminal.format === 'jsonl') await terminal.out(JSON.stringify(row));
      const isTold = !isMachinery(record, memory.away);
      const telling = tellingOf(record, memory);
      memory.learn(record);
      names.learn(record.event);
      if (!isTold) return;
      await say(limits.demo_line_ms, page.telling(lineOf(telling, names.of), extent().ms / 1_000));
    },
    read: (by, text) => say(limits.demo_line_ms, page.telling({ by, text })),
    board: items => say(limits.demo_block_ms, page.board(items)),
    table: (head, rows) => say(limits.demo_block_ms, page.table(head, rows)),
    quote: text => say(limits.demo_block_ms, page.quote(text)),
    note: text => say(limits.demo_block_ms, page.note(text)),
    end: async commands => {
      if (terminal.format === 'json') await terminal.out(JSON.stringify({ rows: told }));
      await say(0, page.commands(commands));
    },
  };
}
