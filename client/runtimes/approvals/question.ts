// The permission question of a coding agent, as text that a person far away can judge it by.
import type { Question } from '../../../schemas/ask.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { AskedTool } from './tool-pattern.js';
import { visible } from './visible.js';

/** Where and for whom a tool would run. */
export interface CallPlace {
  runtime: string;
  session: string;
  directory?: string | undefined;
  /** The kind of subagent that would run it. */
  subagent?: string | undefined;
}

/** What may be answered; nothing else is an answer. */
export const permissionQuestion: Question = {
  kind: 'permission',
  options: [
    { id: 'allow', label: 'Allow once' },
    { id: 'deny', label: 'Deny' },
  ],
};

/** Reads which tool is called with what from a hook's stdin; undefined where it does not say. */
export function readAskedTool(stdin: string): (AskedTool & { subagent?: string }) | undefined {
  try {
    const { tool_name: tool, tool_input: input, agent_type: kind } = Object(JSON.parse(stdin));
    if (typeof tool !== 'string' || tool === '') return undefined;
    if (typeof input !== 'object' || input === null) return undefined;
    return { tool, input, ...(typeof kind === 'string' && { subagent: kind }) };
  } catch {
    return undefined;
  }
}

/**
 * The question; undefined where it is too long to be shown whole, as nobody can allow what they
 * have not seen. Each line of what the agent would run begins with two spaces and no other line
 * does, so that none of it can pass for what is said about it.
 */
export function permissionText({ tool, input }: AskedTool, place: CallPlace): string | undefined {
  const { runtime, session, directory, subagent } = place;
  const facts = [tool, session, directory ?? '', subagent ?? ''];
  if (facts.some(({ length }) => length > limits.approval_line_chars)) return undefined;
  const said = inputText(input);
  // What is far too long is not looked at closely.
  const shown = said.length > limits.approval_input_chars ? undefined : visible(said);
  if (shown === undefined || shown.length > limits.approval_input_chars) return undefined;
  const by = subagent === undefined ? '' : `, its subagent ${line(subagent)}`;
  return [
    `May I run ${line(tool)}?`,
    '',
    ...indented(shown),
    '',
    ...(directory === undefined ? [] : [`Folder: ${line(directory)}`]),
    `Session: ${line(session)} of ${runtime}${by}`,
  ].join('\n');
}

/** A command by itself, what else there is by name; one alone needs none. */
function inputText(input: object): string {
  const { command, ...others } = Object(input) as Record<string, unknown>;
  const fields = Object.entries(typeof command === 'string' ? others : input);
  const named = fields.map(([name, value]) => `${name}: ${valueText(value)}`);
  return [...(typeof command === 'string' ? [command] : []), ...named].join('\n') || '(no input)';
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function indented(text: string): string[] {
  return text.split('\n').map(each => `  ${each}`);
}

function line(text: string): string {
  return visible(text).replaceAll('\n', '\\n');
}
