// Tools that wait and hand mail over: inbox, and wait_for_reply.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Result } from '../../../schemas/method.js';
import { byTools, renderItems } from '../../runtimes/render.js';
import type { Facts } from '../facts.js';
import type { Tool, ToolCall } from '../tool.js';
import { OF_OTHERS, quote } from '../words.js';
import { answerWords } from './asking.js';
import { waitSlices } from './waiting.js';

const waitArgument = (value: number) => ({
  type: 'number',
  default: value,
  description: 'Seconds to wait; it comes back before.',
});

type Drained = Result<'inbox.drain'>;

/**
 * Hands mail over. What this answer shows leaves the inbox as seen only at a later call or hook
 * of the session, so a client that has given up gets it again.
 */
async function runInbox(call: ToolCall): Promise<Facts> {
  const { args, mesh, signal } = call;
  const wait_s = secondsOf(args.wait_s, 0);
  const max = countOf(args.max, limits.mcp_inbox_items);
  let drained = await drainMail(call, max);
  for await (const slice_s of waitSlices(call, wait_s, 'waiting for mail')) {
    if (drained.items.length > 0 || signal.aborted) break;
    const { position: after } = drained;
    const params = { after, wait_s: slice_s, claim_s: 0, max: 1 };
    const { items } = await mesh.call('inbox.read', params, slice_s * 1_000 + limits.mcp_call_ms);
    if (items.length > 0 && !signal.aborted) drained = await drainMail(call, max);
  }
  const { items, remaining } = drained;
  call.hands(items.map(({ ref }) => ref));
  return mailFacts(call, drained, await remindersBeside(call, items), wait_s, remaining);
}

async function mailFacts(
  { mesh }: ToolCall,
  { items }: Drained,
  reminders: Drained['items'],
  wait_s: number,
  remaining: number,
): Promise<Facts> {
  const mail = renderItems(items, {
    surface: byTools,
    now: mesh.now(),
    max_chars: limits.mcp_mail_chars,
    max_bytes: limits.mcp_mail_bytes,
    remaining: 0,
    reminders,
  });
  return {
    new: items.length,
    mail: mail === '' ? undefined : mail,
    more: remaining > 0 ? `${remaining} more wait: call inbox again` : undefined,
    next: nextOf(items, remaining, reminders.length, wait_s),
  };
}

function nextOf(items: Drained['items'], remaining: number, open: number, wait_s: number): string {
  const ask = items.find(({ kind }) => kind === 'ask');
  if (ask !== undefined) return `do what is asked, then close it: reply ask=${ask.ref}`;
  if (remaining > 0) return 'call inbox again';
  const job = items.find(({ kind, outcome }) => kind === 'job' && outcome === undefined);
  if (job !== undefined)
    return `take it when you can do it: job_claim job=${job.ref} (through more)`;
  if (items.length > 0) return 'go on with your work';
  if (open > 0) return 'answer what you have left open: reply';
  return wait_s > 0 ? 'nothing came; still waiting? call inbox again' : 'nothing new; go on';
}

/** What was lost on the way to the client comes first; then what is new. */
async function drainMail({ args, mesh, lost, hands }: ToolCall, max: number): Promise<Drained> {
  const { session } = mesh;
  const bounds = { session, max, max_chars: limits.mcp_mail_chars };
  if (lost.length > 0) {
    const again = await mesh.call('inbox.drain', { ...bounds, refs: [...lost], again: true });
    // What has left the inbox meanwhile is no longer sought.
    hands(lost);
    if (again.items.length > 0) return again;
  }
  const isFresh = mesh.isFresh();
  return mesh.call('inbox.drain', { ...bounds, again: isFresh || args.again === true });
}

/** Open asks that were handed over before; what was just shown is no reminder. */
async function remindersBeside({ mesh }: ToolCall, items: Drained['items']) {
  const shown = new Set(items.map(({ ref }) => ref));
  const { items: open } = await mesh.call('inbox.reminders', { max: limits.mcp_inbox_items });
  const handed = open.filter(({ ref }) => !shown.has(ref));
  return items.length > 0 ? [] : handed;
}

/** Waits for the end of an ask; the reply is then handed over, so that no hook shows it again. */
async function runWait(call: ToolCall): Promise<Facts> {
  const { args, mesh, signal } = call;
  const ask = args.ask as string;
  let thread = await mesh.call('ask.get', { ask });
  const wait_s = secondsOf(args.wait_s, limits.mcp_wait_s);
  for await (const timeout_s of waitSlices(call, wait_s, 'waiting for the reply')) {
    if (thread.state === 'closed' || signal.aborted) break;
    const patience = timeout_s * 1_000 + limits.mcp_call_ms;
    thread = await mesh.call('ask.wait', { ask, timeout_s }, patience);
  }
  if (thread.state === 'open') {
    return {
      ask,
      state: 'open: still waiting',
      to: thread.to_name ?? thread.to,
      next: `call wait_for_reply ask=${ask} again, or go on: the reply then comes by inbox`,
    };
  }
  if (!signal.aborted) await handReply(call, ask);
  const { outcome, reply, reason } = thread;
  const by = reply?.by_name ?? thread.to_name ?? thread.to;
  return {
    ask,
    state: 'closed',
    outcome,
    reason,
    by,
    option: quote(reply?.option),
    note: reply?.text ? OF_OTHERS : undefined,
    reply: answerWords(ask, by, reply?.text),
    next: outcome === 'replied' ? 'go on with the answer' : 'no answer in words; decide yourself',
  };
}

async function handReply({ mesh, hands, lost }: ToolCall, ask: string): Promise<void> {
  const again = lost.includes(ask);
  const { session } = mesh;
  const { items } = await mesh.call('inbox.drain', { session, refs: [ask], max: 1, again });
  hands(items.map(({ ref }) => ref));
}

function secondsOf(value: unknown, fallback: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
  return Math.min(Math.max(0, value), limits.mcp_wait_max_s);
}

function countOf(value: unknown, fallback: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
  return Math.min(Math.max(1, Math.floor(value)), limits.mcp_inbox_items);
}

const inbox: Tool = {
  name: 'inbox',
  help: 'Read what others sent you: asks, replies, notices, jobs. It may wait for mail.',
  effect: 'says',
  schema: {
    type: 'object',
    properties: {
      wait_s: waitArgument(0),
      max: { type: 'integer', default: limits.mcp_inbox_items },
      again: { type: 'boolean', description: 'Also what was shown before and not proven seen.' },
    },
  },
  run: runInbox,
};

const waitForReply: Tool = {
  name: 'wait_for_reply',
  help: 'Wait until your ask is closed. Comes back in time to say "still waiting".',
  effect: 'says',
  schema: {
    type: 'object',
    properties: {
      ask: { type: 'string', description: 'ask_<id>' },
      wait_s: waitArgument(limits.mcp_wait_s),
    },
    required: ['ask'],
  },
  run: runWait,
};

/** Always loaded. */
export const inboxTools: readonly Tool[] = [inbox];
/** Always loaded. */
export const waitTools: readonly Tool[] = [waitForReply];
