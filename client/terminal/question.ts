// A question and what goes along with a text, as people read them, and how to answer.
import type { Question } from '../../schemas/ask.js';
import type { Attachment } from '../../schemas/attachment.js';
import { oneLine, safeText } from './safe.js';

const LABEL_CHARS = 80;
const PLACE_CHARS = 400;
const KIB = 1_024;

/** What kind of answer is wanted, with the options there are. */
export function questionText({ kind, options = [] }: Question): string {
  const choices = options.map(({ id, label }) => optionText(id, label)).join(' | ');
  switch (kind) {
    case 'acknowledge':
      return 'wants to be acknowledged';
    case 'text':
      return 'wants an answer in words';
    case 'choice':
      return `choose one: ${choices}`;
    case 'permission':
      return choices === '' ? 'wants permission' : `wants permission: ${choices}`;
  }
}

/** The same for a cell of a table. */
export function questionCell(question: Question | undefined): string {
  if (question === undefined || question.kind === 'text') return '';
  const ids = question.options?.map(({ id }) => oneLine(id, LABEL_CHARS)).join('|');
  return ids === undefined ? question.kind : `${question.kind} ${ids}`;
}

/** The command that answers; `ask` is the id as shown. */
export function howToAnswer(ask: string, question: Question | undefined): string {
  const reply = `signalbox reply ${ask}`;
  switch (question?.kind) {
    case 'acknowledge':
      return `${reply} --ack`;
    case 'permission':
      return `signalbox approve ${ask}   or: signalbox approve ${ask} --deny "why not"`;
    case 'choice':
      return `${reply} ${quoted(question.options?.[0]?.id ?? 'ID')}`;
    case 'text':
    case undefined:
      return `${reply} "…"`;
  }
}

/** As one word of a shell. */
function quoted(id: string): string {
  return /^[\w.-]+$/.test(id) ? id : `'${id.replaceAll("'", "'\\''")}'`;
}

function optionText(id: string, label: string): string {
  const said = oneLine(id, LABEL_CHARS);
  return id === label ? said : `${said} (${oneLine(label, LABEL_CHARS)})`;
}

/** What an attachment is and where it lies; a text that was sent itself stands below. */
export function attachmentLines({ name, type, size, path, url, text }: Attachment): string[] {
  const facts = [type, size === undefined ? undefined : sizeText(size)].filter(Boolean).join(', ');
  const head = oneLine(name, LABEL_CHARS) + (facts ? ` (${oneLine(facts, LABEL_CHARS)})` : '');
  if (text === undefined) return [`${head}: ${oneLine(path ?? url ?? '', PLACE_CHARS)}`];
  const body = safeText(text).replace(/\n+$/, '');
  return [`${head}:`, ...body.split('\n').map(line => `  ${line}`)];
}

function sizeText(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`;
  if (bytes < KIB * KIB) return `${Math.round(bytes / KIB)} KiB`;
  return `${(bytes / KIB / KIB).toFixed(1)} MiB`;
}
