// Tools for the history: search, and a thread told whole, in slices a model can read.

import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Result } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { argumentsOf } from '../../../schemas/tool-schema.js';
import { fenced } from '../../runtimes/fence.js';
import { firstJsonBytes } from '../../runtimes/json-bytes.js';
import { safeText } from '../../terminal/safe.js';
import type { Facts } from '../facts.js';
import { type Mesh, methodTool, type Tool, type ToolCall } from '../tool.js';
import { at, OF_OTHERS, quote } from '../words.js';

const searchLog = methodTool({
  name: 'search',
  method: 'log.search',
  fields: 'query project from to order max after',
  help: 'Find what was said on the mesh: asks, replies, notices, jobs, schedules, reviews.',
  effect: 'reads',
  words: {
    from: 'Only what happened then or later. ISO 8601, or 7d for the last 7 days.',
    to: 'Only what happened before. ISO 8601, or 2h for until 2 hours ago.',
  },
  tell: ({ hits, next }) => ({
    hits: hits.map(({ ref, type, by, by_name, time, snippet }) => ({
      ref,
      what: type,
      by: by_name ?? by,
      time: at(time),
      text: quote(snippet),
    })),
    ...(hits.length === 0 && { none: 'nothing was found' }),
    more: next && `there may be more: search after=${next}`,
    next: 'one in full: thread ref=<ref>',
  }),
});

/** A search is of the past, so a duration counts back in it. */
const search: Tool = {
  ...searchLog,
  run(call) {
    const now = call.mesh.now();
    const args = Object.entries(call.args).map(([name, value]) => [name, agoOf(name, value, now)]);
    return searchLog.run({ ...call, args: Object.fromEntries(args) });
  },
};

function agoOf(name: string, value: unknown, now: number): unknown {
  const isAgo = ['from', 'to'].includes(name) && /^\d+[smhd]$/.test(`${value}`);
  const ahead = isAgo ? resolveMoment(`${value}`, now) : undefined;
  return ahead === undefined ? value : Math.max(0, 2 * now - ahead);
}

/** All that was said around a thing, as one text of which each call shows a part. */
async function runThread({ args, mesh }: ToolCall): Promise<Facts> {
  const { offset = 0, ...params } = args;
  const found = await mesh.call('log.thread', params as { ref: string });
  const text = safeText(threadText(found, await namesIn(mesh, found)));
  const from = typeof offset === 'number' && offset > 0 ? Math.floor(offset) : 0;
  const part = firstJsonBytes(text.slice(from), limits.mcp_words_bytes);
  const left = text.length - from - part.length;
  return {
    ref: `${args.ref}`,
    note: OF_OTHERS,
    said: part === '' ? undefined : fenced(part, 'all who took part'),
    more: left > 0 ? `${left} more characters: offset=${from + part.length}` : undefined,
    incomplete: found.more && 'there is more than one answer holds; search finds the rest',
    next: left > 0 ? 'read on by the offset' : 'that is all of it',
  };
}

const TEXTS = ['title', 'text', 'body', 'summary', 'note', 'error', 'reason', 'option'] as const;

type Threads = Result<'log.thread'>;

/** How those who took part are called; an id stays where nobody knows. */
async function namesIn(mesh: Mesh, { nodes }: Threads): Promise<ReadonlyMap<string, string>> {
  const events = nodes.flatMap(({ records }) => records.map(([, , event]) => event));
  const ids = events.flatMap(event => [event?.by, event?.to]).filter(id => isPeer(id));
  const peers = [...new Set(ids)].slice(0, limits.mcp_names_items);
  if (peers.length === 0) return new Map();
  const { rows } = await mesh.call('peer.get', { peers });
  return new Map(rows.map(({ peer, name }) => [peer, name]));
}

function isPeer(id: unknown): id is string {
  return typeof id === 'string' && id.startsWith('peer_');
}

function threadText({ nodes }: Threads, called: ReadonlyMap<string, string>): string {
  return nodes
    .flatMap(({ records }) => records)
    .flatMap(([, time, event, noEffect]) => {
      // Who was shown what is for trace to tell.
      if (event === null || `${event.type}`.startsWith('inbox.')) return [];
      const names = [event.by, event.to, event.state, event.outcome]
        .filter(each => typeof each === 'string')
        .map(each => called.get(each) ?? each);
      const head = `${at(time)} ${event.type} ${names.join(' ')}`;
      const said = TEXTS.map(name => event[name]).filter(each => typeof each === 'string');
      const data = event.result === undefined ? [] : [JSON.stringify(event.result)];
      return [`${head}${noEffect ? ` (void: ${noEffect})` : ''}`, ...[...said, ...data].map(inset)];
    })
    .join('\n');
}

/** Set in, so that no line of somebody's words looks like the head of another record. */
function inset(text: unknown): string {
  return `  ${safeText(`${text}`).replaceAll('\n', '\n  ')}`;
}

const { properties, ...rest } = argumentsOf('log.thread', ['ref']);
const offset = { type: 'integer', description: 'Characters to pass over.', default: 0 };
const thread: Tool = {
  name: 'thread',
  help: 'All that was said around an ask, message, job, schedule or pull request, whole.',
  effect: 'reads',
  schema: { ...rest, properties: { ...properties, offset } },
  run: runThread,
};

/** Behind `more`. */
export const historyTools: readonly Tool[] = [search, thread];
