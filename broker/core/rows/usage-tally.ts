// Sums of what was used: exact whatever their order, and bounded whatever the log says.
import { limits } from '../../../schemas/limits.js';
import type { UsageRow } from '../../../schemas/usage.js';

const MICROS = 1_000_000;

/** What one turn used; cost in millionths of a dollar, so that sums are exact. */
export interface Use {
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_micros: number;
  was_limited: boolean;
}

export interface Tally {
  turns: number;
  input_tokens: number;
  output_tokens: number;
  cost_micros: number;
  rate_limited: number;
  /** When it last was, in log time. */
  rate_limited_at?: number | undefined;
  /** In the order of their first use, the newest few. */
  models: string[];
}

/** A new tally for its caller alone: tallies are added to in place. */
export function emptyTally(): Tally {
  return {
    turns: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: 0,
    rate_limited: 0,
    models: [],
  };
}

/** A copy that may be added to. */
export function copyOf(tally: Tally): Tally {
  return { ...tally, models: [...tally.models] };
}

/**
 * Adds a turn at `time`, in ms UTC of log time, to the tally in place. Sums stop at the largest
 * safe integer. https://en.wikipedia.org/wiki/Saturation_arithmetic
 */
export function count(tally: Tally, use: Use, time: number): void {
  tally.turns++;
  tally.input_tokens = plus(tally.input_tokens, use.input_tokens);
  tally.output_tokens = plus(tally.output_tokens, use.output_tokens);
  tally.cost_micros = plus(tally.cost_micros, use.cost_micros);
  noteModel(tally.models, use.model);
  if (!use.was_limited) return;
  tally.rate_limited++;
  tally.rate_limited_at = time;
}

/**
 * Adds a tally to `sum` in place; exact in whatever order they come, but for `models`, which keep
 * that of first use.
 */
export function merge(sum: Tally, part: Tally): void {
  sum.turns += part.turns;
  sum.input_tokens = plus(sum.input_tokens, part.input_tokens);
  sum.output_tokens = plus(sum.output_tokens, part.output_tokens);
  sum.cost_micros = plus(sum.cost_micros, part.cost_micros);
  sum.rate_limited += part.rate_limited;
  const at = Math.max(sum.rate_limited_at ?? 0, part.rate_limited_at ?? 0);
  if (at > 0) sum.rate_limited_at = at;
  for (const model of part.models) noteModel(sum.models, model);
}

type ShownTally = Omit<UsageRow, 'peer' | 'name' | 'circle' | 'day'>;

/** A copy as it goes over the wire, with the cost in dollars. */
export function shown(tally: Tally): ShownTally {
  const { turns, input_tokens, output_tokens, cost_micros, rate_limited, rate_limited_at } = tally;
  const cost_usd = toUsd(cost_micros);
  const models = [...tally.models];
  const row: ShownTally = { turns, input_tokens, output_tokens, cost_usd, rate_limited, models };
  if (rate_limited_at !== undefined) row.rate_limited_at = rate_limited_at;
  return row;
}

/** Input and output together: what a budget of tokens counts. */
export function tokensOf({ input_tokens, output_tokens }: Tally): number {
  return input_tokens + output_tokens;
}

/** Dollars to whole millionths, rounded to the nearest, so that sums of them are exact. */
export function toMicros(usd: number): number {
  return Math.round(usd * MICROS);
}

/** Millionths to dollars, to be shown and never to be added up. */
export function toUsd(micros: number): number {
  return micros / MICROS;
}

function noteModel(models: string[], model: string): void {
  if (models.includes(model)) return;
  models.push(model);
  if (models.length > limits.usage_models_items) models.shift();
}

/** No log, however hostile, counts past what a number holds exactly. */
function plus(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}
