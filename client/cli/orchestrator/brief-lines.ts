// The brief for a successor as text that a person, or a model, reads: bounded, the counts whole.
import { createRecordLines } from '../../terminal/events.js';
import type { Names } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import type { Terminal } from '../../terminal/terminal.js';
import { age } from '../../terminal/times.js';
import { ahead, stateText } from '../job/lines.js';
import type { HandoverBrief } from './brief.js';

const TEXT_CHARS = 120;
const cut = (text: string) => oneLine(text, TEXT_CHARS);

interface Told {
  names: Names;
  /** In ms UTC. */
  now: number;
  terminal: Terminal;
  /** Of each kind so many lines. */
  max: number;
}

interface Part {
  title: string;
  rows: readonly string[];
}

/** One paragraph for each kind of which there is any; ids are whole, as tools take no others. */
export function briefLines(brief: HandoverBrief, told: Told): string[] {
  const { of, unseen } = brief;
  const { now, max } = told;
  const seen = of.status === 'offline' ? `away, seen ${age(of.last_seen, now)}` : of.status;
  const said = of.description === undefined ? [] : [`  says: ${cut(of.description)}`];
  const parts = [...duties(brief, told), ...around(brief, told)];
  const told_of = parts.flatMap(({ title, rows }) => {
    const rest = rows.length - max;
    const more = rest > 0 ? [`  … ${rest} more`] : [];
    return [`${title}: ${rows.length}`, ...rows.slice(0, max).map(row => `  ${row}`), ...more];
  });
  const blind = Object.entries(unseen).map(([part, why]) => `not seen: ${part} (${cut(why)})`);
  return [`${of.name}  ${seen}  ${of.peer}`, ...said, ...told_of, ...blind];
}

function duties(brief: HandoverBrief, { names, now }: Told): Part[] {
  const { asked, owed, mail, jobs } = brief;
  return kept([
    {
      title: 'asked, and not answered yet',
      rows: asked.map(
        row => `${row.ask} to ${names.of(row.to)}, ${age(row.opened_at, now)}: ${cut(row.text)}`,
      ),
    },
    {
      title: 'asked of it, and not answered yet',
      rows: owed.map(
        row => `${row.ask} by ${names.of(row.from)}, ${age(row.opened_at, now)}: ${cut(row.text)}`,
      ),
    },
    {
      title: 'unread mail',
      rows: mail.map(
        row => `${row.kind} of ${row.from_name}, ${age(row.time, now)}: ${cut(row.text)}`,
      ),
    },
    {
      title: 'jobs',
      rows: jobs.map(row => {
        const who = row.worker ?? row.to;
        const doer = who === undefined ? `for who does ${row.kind}` : `with ${names.of(who)}`;
        const tries = row.attempt > 0 ? `, attempt ${row.attempt} of ${row.attempts_max}` : '';
        const note = [row.phase, row.note].filter(Boolean).join(', ');
        const said = note === '' ? '' : `; last said: ${cut(note)}`;
        const state = `${stateText(row)} ${doer}${tries}`;
        return `#${row.number} ${row.job} ${state}: ${cut(row.title)}${said}`;
      }),
    },
  ]);
}

function around(brief: HandoverBrief, told: Told): Part[] {
  const { schedules, watches, reviews, leases, board, did } = brief;
  const { names, now, terminal } = told;
  return kept([
    {
      title: 'schedules',
      rows: schedules.map(row => {
        const next = row.next_at === undefined ? row.state : ahead(row.next_at, now);
        const what = `${row.kind} to ${names.of(row.to)}`;
        return `${row.schedule} ${what}, ${next}: ${cut(row.text)}`;
      }),
    },
    {
      title: 'watches',
      rows: watches.map(row => `${row.watch} ${row.when}, tells ${names.of(row.to)}`),
    },
    {
      title: 'reviews owed',
      rows: reviews.map(row => `${row.pr_url} ${row.my_action}`),
    },
    {
      title: 'file leases, which end with it',
      rows: leases.map(
        row => `${row.project} ${cut(row.paths.join(' '))}, until ${ahead(row.until, now)}`,
      ),
    },
    {
      title: 'on boards, not done',
      rows: board.map(row => {
        const links = row.links.map(({ ref }) => ref).join(' ');
        return `${cut(row.title ?? row.item)}: ${row.to ?? 'not moved'} ${cut(links)}`.trimEnd();
      }),
    },
    {
      title: 'what it did last',
      rows: createRecordLines(terminal, names, now)(did).lines,
    },
  ]);
}

function kept(parts: readonly Part[]): Part[] {
  return parts.filter(({ rows }) => rows.length > 0);
}
