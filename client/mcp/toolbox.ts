// The tools of an agent: which are always loaded, and `more`, which lists and calls the rest.
import type { Facts } from './facts.js';
import type { Arguments, Tool, ToolCall } from './tool.js';
import { askingTools, moreAskingTools } from './tools/asking.js';
import { boardTools } from './tools/boards.js';
import { historyTools } from './tools/history.js';
import { inboxTools, waitTools } from './tools/inbox.js';
import { jobTools } from './tools/jobs.js';
import { leaseTools } from './tools/leases.js';
import { morePeerTools, peerTools } from './tools/peers.js';
import { reviewTools } from './tools/reviews.js';
import { scheduleTools } from './tools/schedules.js';
import { watchTools } from './tools/watches.js';
import { quote } from './words.js';

const always: readonly Tool[] = [...askingTools, ...inboxTools, ...waitTools, ...peerTools];
const behind: readonly Tool[] = [
  ...jobTools,
  ...boardTools,
  ...reviewTools,
  ...scheduleTools,
  ...watchTools,
  ...leaseTools,
  ...historyTools,
  ...moreAskingTools,
  ...morePeerTools,
];

/** Arguments that do not fit a tool, or no such tool. */
export class ToolMisuse extends Error {}

/** The tools listed to a client: the small set with `more`, or all of them. */
export function toolsOf(isFull: boolean): readonly Tool[] {
  return isFull ? [...always, ...behind] : [...always, more];
}

/** Any tool by its name, listed or not: what a model knows by `more` it may call at once. */
export function toolNamed(name: string): Tool {
  const found = [...always, ...behind, more].find(tool => tool.name === name);
  if (found !== undefined) return found;
  throw new ToolMisuse(`there is no tool ${quote(name, 64)}; more lists them all`);
}

/** Throws a ToolMisuse for what is no object, and for arguments that it does not have, or lacks. */
export function argumentsFor({ name, schema }: Tool, given: unknown): Arguments {
  const known = Object.keys(schema.properties);
  const has = known.length === 0 ? 'takes no arguments' : `takes ${known.join(', ')}`;
  // Some models write an object as its text.
  const args = typeof given === 'string' ? parsed(given) : given;
  if (!isArguments(args)) throw new ToolMisuse(`arguments must be an object; ${name} ${has}`);
  const strange = Object.keys(args).find(key => !known.includes(key));
  if (strange !== undefined) {
    throw new ToolMisuse(`${name} has no argument ${quote(strange, 64)}; it ${has}`);
  }
  const missing = (schema.required ?? []).filter(key => args[key] === undefined);
  if (missing.length > 0) throw new ToolMisuse(`${name} needs ${missing.join(', ')}`);
  return args;
}

/** Whether a value is an object with names, as arguments are. */
export function isArguments(value: unknown): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function runMore(call: ToolCall): Promise<Facts> {
  const { tool, find, arguments: given = {} } = call.args;
  if (tool === undefined) return listed(typeof find === 'string' ? find : '');
  if (typeof tool !== 'string') throw new ToolMisuse('tool must be the name of a tool');
  const found = toolNamed(tool);
  if (found === more) throw new ToolMisuse('more does not call itself; name another tool');
  return found.run({ ...call, args: argumentsFor(found, given) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Few finds with their arguments in full; many by a line each. */
function listed(find: string): Facts {
  const words = find
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(word => word !== '');
  const fits = (text: string) => words.every(word => text.toLowerCase().includes(word));
  const byName = behind.filter(({ name }) => fits(name));
  const found = byName.length > 0 ? byName : behind.filter(({ help }) => fits(help));
  const tools = found.length > 0 ? found : behind;
  const isShort = tools.length > FEW;
  return {
    ...(found.length === 0 && { none: `nothing fits ${quote(find, 64)}; these are all` }),
    tools: tools.map(tool => (isShort ? lineOf(tool) : { ...lineOf(tool), takes: takes(tool) })),
    next: isShort
      ? 'see the arguments of one: more find=<name>; call it: more tool=<name> arguments={…}'
      : `call one: more tool=${tools[0]?.name} arguments={…}`,
  };
}

const FEW = 5;

function lineOf({ name, help, schema: { properties, required = [] } }: Tool) {
  const names = Object.keys(properties).map(key => (required.includes(key) ? key : `${key}?`));
  return { tool: `${name}(${names.join(', ')})`, does: help };
}

function takes({ schema: { properties } }: Tool): readonly string[] {
  return Object.entries(properties).map(([name, property]) => {
    const {
      type,
      enum: options,
      description = '',
      default: value,
    } = property as {
      type?: string;
      enum?: readonly string[];
      description?: string;
      default?: unknown;
    };
    const kind = options?.join('|') ?? type ?? '';
    return `${name} (${kind}${value === undefined ? '' : ` = ${value}`}) ${description}`.trim();
  });
}

const more: Tool = {
  name: 'more',
  help:
    'All other tools: durable jobs, boards, reviews, schedules, watches, search, thread, ' +
    'broadcast. ' +
    'Without tool it lists them; with tool and arguments it calls one.',
  effect: 'says',
  schema: {
    type: 'object',
    properties: {
      find: { type: 'string', description: 'Words to find, as job or schedule.' },
      tool: { type: 'string', description: 'Which to call.' },
      arguments: { type: 'object', description: 'Its arguments.' },
    },
  },
  run: runMore,
};
