// Usage as transcripts of coding agents tell it: the tokens of each answer of a model, once.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { CallParams } from '../sdk/api.js';

/** What a turn used. */
export type TurnUse = NonNullable<CallParams<'peer.turn'>['usage']>;

/** One answer of a model. */
export interface AnswerUse {
  key: string;
  model?: string | undefined;
  input: number;
  output: number;
}

/** What lines of a transcript tell. */
export interface CountedUse {
  /** Undefined where none tells of a model's answer. */
  usage?: TurnUse | undefined;
  /** The answer told last, as far as it is told: it may go on in later lines. */
  last?: AnswerUse | undefined;
}

/**
 * The sum over lines of a transcript (Claude Code, Codex, Gemini CLI) that follow those whose last
 * answer is `before`, of which only what is more counts. What cannot be read is passed over:
 * transcripts are no promise of anybody.
 */
export function countUse(
  lines: readonly string[],
  model = 'unknown',
  before: AnswerUse | undefined = undefined,
): CountedUse {
  const uses = new Map<string, AnswerUse>();
  let isLimited = false;
  for (const line of lines) {
    if (!/"(?:usage|tokens|rate_limit_reached_type)"/.test(line)) continue;
    const entry = parsed(line);
    const payload = objectIn(entry, 'payload');
    const use = claudeUse(entry) ?? codexUse(payload) ?? geminiUse(entry);
    if (use !== undefined) uses.set(use.key, use);
    if (textIn(objectIn(payload, 'rate_limits'), 'rate_limit_reached_type')) isLimited = true;
  }
  const told = [...uses.values()];
  const last = told.at(-1) ?? before;
  const all = told.flatMap(use => (use.key === before?.key ? beyond(use, before) : use));
  if (all.length === 0 && !isLimited) return { last };
  const named = all.findLast(use => use.model !== undefined)?.model ?? model;
  const usage = {
    model: named.slice(0, limits.hook_model_chars),
    input_tokens: total(all.map(({ input }) => input)),
    output_tokens: total(all.map(({ output }) => output)),
    ...(isLimited && { rate_limited: true }),
  };
  return { usage, last };
}

/** What an answer has used since it was counted before. */
function beyond(use: AnswerUse, before: AnswerUse): AnswerUse[] {
  const input = Math.max(0, use.input - before.input);
  const output = Math.max(0, use.output - before.output);
  return input + output === 0 ? [] : [{ ...use, input, output }];
}

function claudeUse(entry: Fields): AnswerUse | undefined {
  const message = objectIn(entry, 'message');
  const usage = objectIn(message, 'usage');
  const key = textIn(message, 'id');
  if (textIn(entry, 'type') !== 'assistant' || key === undefined) return undefined;
  const read = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];
  const input = total(read.map(name => countIn(usage, name)));
  return { key, model: textIn(message, 'model'), input, output: countIn(usage, 'output_tokens') };
}

function codexUse(payload: Fields): AnswerUse | undefined {
  const usage = objectIn(payload, 'usage');
  const key = textIn(payload, 'response_id');
  if (key === undefined) return undefined;
  return { key, input: countIn(usage, 'input_tokens'), output: countIn(usage, 'output_tokens') };
}

function geminiUse(entry: Fields): AnswerUse | undefined {
  const tokens = objectIn(entry, 'tokens');
  const key = textIn(entry, 'id');
  if (textIn(entry, 'type') !== 'gemini' || key === undefined) return undefined;
  const output = countIn(tokens, 'output') + countIn(tokens, 'thoughts');
  return { key, model: textIn(entry, 'model'), input: countIn(tokens, 'input'), output };
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(line: string): Fields {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}

function objectIn(from: Fields, name: string): Fields {
  return Object(from[name]);
}

function textIn(from: Fields, name: string): string | undefined {
  const value = from[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function countIn(from: Fields, name: string): number {
  const value = from[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function total(counts: readonly number[]): number {
  const sum = counts.reduce((sum, count) => sum + count, 0);
  return Math.min(sum, limits.hook_usage_tokens);
}
