// What a tool answers: facts, once as structured content and once as text, each complete by itself.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { jsonBytes } from '../runtimes/json-bytes.js';

/** A value of an answer; what is undefined is left out. */
export type ToolFact = string | number | boolean | undefined | readonly ToolFact[] | Facts;
/** An answer. `next` says what to do now, and stands at its end. */
export interface Facts {
  readonly [name: string]: ToolFact;
}

/**
 * The facts as lines: Claude Code and Codex show a model the structured content alone, OpenCode
 * and Gemini CLI the text alone, so the one is made of the other.
 */
export function factsText(facts: Facts): string {
  return linesOf(told(facts)).join('\n');
}

/** Without what is undefined, `next` last. */
export function told(facts: Facts): Facts {
  const { next, ...rest } = facts;
  const entries = Object.entries({ ...rest, next }).filter(([, fact]) => fact !== undefined);
  return Object.fromEntries(entries.map(([name, fact]) => [name, toldFact(fact)]));
}

/**
 * Facts of at most `most` bytes as JSON, as far as that can be had by leaving out the ends of
 * lists; `more` then says so. `isPaged` where the call takes `max`.
 */
export function fitted(facts: Facts, most: number, isPaged: boolean): Facts {
  const length = jsonBytes(facts);
  const lists = Object.entries(facts).flatMap(([name, fact]) =>
    isList(fact) && fact.length > 1 ? [{ name, fact, size: jsonBytes(fact) }] : [],
  );
  const [longest] = lists.sort((a, b) => b.size - a.size);
  if (length <= most || longest === undefined) return facts;
  const { name, fact, size } = longest;
  const room = Math.max(0, size - (length - most) - limits.mcp_hint_chars);
  const kept = Math.max(1, Math.min(fact.length - 1, Math.floor((fact.length * room) / size)));
  const again = isPaged ? `: call again with max=${kept}, and read on from there` : '';
  const more = `only the first ${kept} of ${fact.length} ${name} fit here${again}`;
  return fitted({ ...facts, [name]: fact.slice(0, kept), more }, most, isPaged);
}

function toldFact(fact: ToolFact): ToolFact {
  if (isList(fact)) return fact.map(toldFact);
  return typeof fact === 'object' ? told(fact) : fact;
}

function isList(fact: ToolFact): fact is readonly ToolFact[] {
  return Array.isArray(fact);
}

function linesOf(facts: Facts): string[] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    if (isList(fact)) return [`${name}:`, ...fact.map(each => `- ${inLine(each)}`)];
    if (typeof fact === 'object') return [`${name}: ${inLine(fact)}`];
    const text = `${fact}`;
    return text.includes('\n') ? [`${name}:`, text] : [`${name}: ${text}`];
  });
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function inLine(fact: ToolFact): string {
  if (isList(fact)) return fact.map(inLine).join(', ');
  // Words of others must not look like further facts of the row.
  if (typeof fact === 'string' && /[:;"]/.test(fact.replace(TIME, ''))) return JSON.stringify(fact);
  if (typeof fact !== 'object') return `${fact}`;
  return Object.entries(fact)
    .map(([name, each]) => `${name}: ${inLine(each)}`)
    .join('; ');
}
