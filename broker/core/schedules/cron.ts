// Validation of a cron rule at the door: one sentence names the part and says what to write.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { type Rule, ruleProblem } from './recurrence.js';

interface Field {
  name: string;
  low: number;
  high: number;
  /** How many different values there are: Sunday is 0 and 7. */
  size: number;
  /** In the order of their values, which begin at `low`. */
  names?: readonly string[];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

const FIELDS: readonly Field[] = [
  { name: 'minute', low: 0, high: 59, size: 60 },
  { name: 'hour', low: 0, high: 23, size: 24 },
  { name: 'day', low: 1, high: 31, size: 31 },
  { name: 'month', low: 1, high: 12, size: 12, names: MONTHS },
  { name: 'weekday', low: 0, high: 7, size: 7, names: DAYS },
];

/** What other schedulers have beside plain values. */
const FOREIGN = /^(?:\d{1,2}|[a-z]{3})?(?:\?|LW?|W|#\d?|H(?:\(.*\))?)(?:[-/]\d{1,2})?$/i;

const SHAPE =
  'cron must be minute, hour, day, month and weekday, such as "0 9 * * mon-fri"; or @daily.';

/**
 * `invalid`, or `schedule_never_fires` for what is well written but names no day there is. Five
 * fields or a macro such as @daily. https://en.wikipedia.org/wiki/Cron
 */
export function recurrenceRefusal({ cron, zone }: Rule): Refusal | undefined {
  switch (ruleProblem(cron, zone)) {
    case 'zone':
      return refuse('invalid', `There is no zone "${zone}"; use an IANA name like Europe/Berlin.`);
    case 'cron':
      return refuse('invalid', whyNoRule(cron));
    case 'never':
      return refuse('schedule_never_fires', 'No calendar has such a day; give another rule.');
    case undefined:
      return stepRefusal(cron);
  }
}

/**
 * A step past the end of its field names one value only, which is never what was meant. Only the
 * door says so: a rule that was taken before goes on as it did.
 */
function stepRefusal(cron: string): Refusal | undefined {
  for (const { field, item } of itemsOf(cron)) {
    const [range = '', stepText] = item.split('/');
    if (stepText === undefined) continue;
    const reach = range === '*' ? field.size : Math.min(field.size, widthOf(field, range));
    if (Number(stepText) <= reach) continue;
    const advice = `use a step up to ${reach}, or several rules.`;
    return refuse('invalid', `"${item}" steps over the end of its ${field.name}s; ${advice}`);
  }
  return undefined;
}

function whyNoRule(cron: string): string {
  if (cron.startsWith('@')) {
    return `"${cron}" is no rule; use @hourly, @daily, @weekly, @monthly, @yearly or five fields.`;
  }
  const count = cron.split(/[ \t]+/).length;
  if (count !== FIELDS.length) {
    return `The rule has ${count} ${count === 1 ? 'field' : 'fields'}, not five. ${SHAPE}`;
  }
  for (const { field, item } of itemsOf(cron)) {
    const problem = itemProblem(field, item);
    if (problem !== undefined) return problem;
  }
  return SHAPE;
}

function itemProblem(field: Field, item: string): string | undefined {
  const where = `"${item}" in the ${field.name} field`;
  const [range = '', step] = item.split('/');
  const ends = range.split('-').map(end => numberOf(field, end));
  const known = ends.filter(end => end !== undefined);
  if (range !== '*' && known.length < ends.length) {
    if (FOREIGN.test(item)) return `${where}: ? L W H # are not known here; write plain values.`;
    return `${where} is no value; write numbers, three-letter names, lists, ranges or steps.`;
  }
  const outside = known.find(end => end < field.low || end > field.high);
  if (outside !== undefined) return `${where} is not between ${field.low} and ${field.high}.`;
  const [from = 0, to = from] = known;
  if (to < from) return `${where} runs backwards; write it as two ranges with a comma between.`;
  if (step === undefined) return undefined;
  if (Number(step) === 0) return `${where} has a step of 0; the smallest is 1.`;
  if (known.length === 1) return `${where} steps from one value; write a range, or */${step}.`;
  return undefined;
}

function itemsOf(cron: string): { field: Field; item: string }[] {
  const texts = cron.split(/[ \t]+/);
  if (texts.length !== FIELDS.length) return [];
  return FIELDS.flatMap((field, i) => {
    return (texts[i] ?? '').split(',').map(item => ({ field, item }));
  });
}

function widthOf(field: Field, range: string): number {
  const [from = 0, to = from] = range.split('-').map(end => numberOf(field, end) ?? 0);
  return to - from + 1;
}

function numberOf({ low, names }: Field, text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const place = names?.indexOf(text.toLowerCase()) ?? -1;
  return place < 0 ? undefined : low + place;
}
