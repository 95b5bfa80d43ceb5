// An inbox item as people read it: who, what, how long ago, and the text below.
import type { Attachment } from '../../schemas/attachment.js';
import type { InboxItem } from '../../schemas/message.js';
import { attachmentLines, questionText } from './question.js';
import { oneLine, safeText } from './safe.js';
import { shortId } from './short-id.js';
import type { Terminal } from './terminal.js';
import { age, span } from './times.js';
import { localZone, whenText } from './when.js';

const INDENT = '    ';

/** What an item is shown beside. */
export interface ItemContext {
  among: readonly string[];
  now: number;
  terminal: Terminal;
  /** How asks ended that nobody answered, by their ids. */
  endings?: ReadonlyMap<string, string>;
}

/** The lines of an item; the ids it stands among decide how short its own may be. */
export function itemLines(
  item: InboxItem,
  { among, now, terminal, endings }: ItemContext,
): string[] {
  const { paint } = terminal;
  const id = paint.yellow(shortId(item.ref, among));
  const from = paint.bold(oneLine(item.from_name, 64));
  const ending = item.kind === 'reply' ? endings?.get(item.ref) : undefined;
  const said = ending === undefined ? what(item, from) : `${ending} (${from})`;
  const facts = [age(item.time, now), ...notesOn(item, now)].join(', ');
  const head = `${id}  ${said}  ${paint.dim(facts)}`;
  return [head, ...bodyLines(item).map(line => `${INDENT}${line}`)];
}

function bodyLines({ text, question, option, attachments = [] }: InboxItem): string[] {
  const said = safeText(text);
  return [
    ...(option === undefined ? [] : [`chose ${oneLine(option, 64)}`]),
    ...(said === '' ? [] : said.split('\n')),
    ...(question === undefined ? [] : [`? ${questionText(question)}`]),
    ...attachments.flatMap(attached),
  ];
}

function attached(attachment: Attachment): string[] {
  return attachmentLines(attachment).map((line, at) => `${at === 0 ? '+' : ' '} ${line}`);
}

function what(item: InboxItem, from: string): string {
  const who = `${from} (${item.from_role})`;
  switch (item.kind) {
    case 'ask':
      return `ask from ${who}`;
    case 'reply':
      return `${from} ${item.outcome ?? 'replied'}`;
    case 'notify':
    case 'broadcast':
    case 'job':
    case 'system':
      return `${item.kind} from ${who}`;
  }
}

function notesOn(item: InboxItem, now: number): string[] {
  const notes: string[] = [];
  if (item.repeated) notes.push('shown before');
  if (item.reply_to) notes.push(`in answer to ${shortId(item.reply_to)}`);
  if (item.watch) notes.push(`by watch ${shortId(item.watch)}`);
  if (item.schedule) notes.push(`by schedule ${shortId(item.schedule)}`);
  if (item.deadline_at) notes.push(`answer ${whenText(item.deadline_at, now, localZone())}`);
  if (item.expires_at) notes.push(`expires in ${span((item.expires_at - now) / 1_000)}`);
  return notes;
}
