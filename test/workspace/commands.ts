// Holds what a text has an agent type, or call, to the program and the tools that there are.
import type { Command } from 'commander';
import { makeProgram } from '../../client/cli/program.js';
import { surroundings } from '../../client/cli/reach/surroundings.js';
import type { Tool } from '../../client/mcp/tool.js';
import { toolNamed, toolsOf } from '../../client/mcp/toolbox.js';
import { unquoted } from './paper.js';

const tools = new Map<string, Tool>(
  [...toolsOf(true), toolNamed('more')].map(tool => [tool.name, tool]),
);

/** What is wrong with a statement, if anything; one that is neither command nor call is passed. */
export function statementFaults(words: readonly string[], isSpan: boolean): string[] {
  const typed = words.slice(words.findIndex(word => !/^[A-Z_]+=/.test(word)));
  const [first = '', second = ''] = typed;
  // A name alone, in a line of prose, only speaks of it.
  if (isSpan && typed.length === 1) return [];
  if (first === 'signalbox') return commandFaults(typed.slice(1).map(unquoted));
  const tool = tools.get(first);
  if (tool === undefined) {
    return /^[a-z_]+$/.test(first) && /^[a-z_]+=/.test(second) ? [`there is no tool ${first}`] : [];
  }
  return callFaults(tool, typed.slice(1));
}

/** Thrown where a verb would begin to act: what was typed is sound. */
class Sound extends Error {}

function commandFaults(words: readonly string[]): string[] {
  const cut = words.findIndex(word => /^[<>]/.test(word));
  const typed = cut === -1 ? words : words.slice(0, cut);
  const program = makeProgram(surroundings(), typed);
  if (typed[0] === 'help') return helpFaults(program, typed.slice(1));
  mute(program);
  program.hook('preAction', () => {
    throw new Sound();
  });
  try {
    program.parse([...typed], { from: 'user' });
  } catch (error) {
    if (error instanceof Sound) return [];
    return [`signalbox ${typed.join(' ')}: ${(error as Error).message}`];
  }
  return [`signalbox ${typed.join(' ')}: names no verb`];
}

/** Which verb of those that help is asked for there is not. */
function helpFaults(program: Command, verbs: readonly string[]): string[] {
  let found: Command | undefined = program;
  for (const verb of verbs) found = found?.commands.find(each => each.name() === verb);
  return found === undefined ? [`signalbox help ${verbs.join(' ')}: names no verb`] : [];
}

function mute(command: Command): void {
  command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
  for (const below of command.commands) mute(below);
}

type Property = Tool['schema']['properties'][string];

function callFaults({ name, schema }: Tool, words: readonly string[]): string[] {
  const faults: string[] = [];
  const given = new Map<string, string>();
  for (const word of words) {
    const [, key, value = ''] = /^([a-z_]+)=([\s\S]*)$/.exec(word) ?? [];
    if (key === undefined) faults.push(`${name}: ${word} is no argument=value`);
    else if (given.has(key)) faults.push(`${name} is given ${key} twice`);
    else given.set(key, value);
  }
  for (const [key, value] of given) {
    const property = schema.properties[key];
    if (property === undefined) faults.push(`${name} has no argument ${key}`);
    else faults.push(...valueFaults(`${name} ${key}`, property, readValue(property, value)));
  }
  const missing = (schema.required ?? []).filter(key => !given.has(key));
  if (missing.length > 0) faults.push(`${name} needs ${missing.join(', ')}`);
  return name === 'more' ? [...faults, ...innerFaults(given)] : faults;
}

/** What `more` is to call. */
function innerFaults(given: ReadonlyMap<string, string>): string[] {
  const name = given.get('tool');
  if (name === undefined) return [];
  const tool = tools.get(unquoted(name));
  if (tool === undefined) return [`there is no tool ${name}`];
  const args = jsonOf(given.get('arguments') ?? '{}');
  if (args === undefined) return [`${name}: its arguments are no JSON`];
  return valueFaults(name, { ...tool.schema } as Property, args);
}

/** A text stands with quotes or without; all else as JSON. */
function readValue({ type }: Property, word: string): unknown {
  return type === 'string' ? unquoted(word) : jsonOf(word);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TIME = /^(\d+[smhd]|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z?)$/;
const CRON = /^(@(hourly|daily|midnight|weekly|monthly)|\S+( \S+){4})$/;

function valueFaults(where: string, property: Property, value: unknown): string[] {
  const { type, description, properties, required, items } = property as {
    type?: string;
    description?: string;
    properties?: Record<string, Property>;
    required?: string[];
    items?: Property;
  };
  const options = property.enum as readonly unknown[] | undefined;
  if (options !== undefined && !options.includes(value)) return [`${where} is never ${value}`];
  if (!isOf(type, value)) return [`${where} is no ${type}`];
  if (value === '') return [`${where} is empty`];
  if (description?.includes('ISO 8601') && !TIME.test(`${value}`)) return [`${where} is no time`];
  if (/ cron$/.test(where) && !CRON.test(`${value}`)) return [`${where} is no rule`];
  if (Array.isArray(value)) {
    return items ? value.flatMap((each, at) => valueFaults(`${where}[${at}]`, items, each)) : [];
  }
  if (properties === undefined) return [];
  const fields = Object.entries(value as object);
  return [
    ...fields.flatMap(([key, each]) => {
      const known = properties[key];
      return known ? valueFaults(`${where} ${key}`, known, each) : [`${where} has no ${key}`];
    }),
    ...(required ?? [])
      .filter(key => !fields.some(([known]) => known === key))
      .map(key => `${where} needs ${key}`),
  ];
}

function isOf(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === 'string';
  }
}
