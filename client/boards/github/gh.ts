// GitHub's GraphQL by its own program gh, which has the login; its failures as a person meets them.
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import type { Ran, RunProgram } from '../run.js';
import { cleanLine } from '../words.js';

/** What a query is given: it stands in the body, never in an argument. */
export type Variables = Readonly<Record<string, string | number | null>>;

export interface GhOptions {
  run: RunProgram;
  host: string;
  /** Rests between two tries. Default: as long as it says. */
  rest?: (ms: number) => Promise<unknown>;
}

interface Answer {
  data?: unknown;
  errors?: readonly { type?: string; message?: string }[];
  message?: string;
}

/** One answer as it came: `--include` puts the head of it before its body. */
interface Reply {
  status: number;
  headers: ReadonlyMap<string, string>;
  /** Undefined for what is no JSON, as when it was cut. */
  body: Answer | undefined;
}

/**
 * Asks GitHub until it is settled; what may pass is tried a few times. Rejects with a Failure: not
 * logged in, no leave for projects, asked to wait, nothing of that name. `waited` is in doubt.
 */
export async function askGithub(
  { run, host, rest = sleep }: GhOptions,
  query: string,
  variables: Variables,
): Promise<never> {
  const where = host === 'github.com' ? [] : ['--hostname', host];
  const args = ['api', 'graphql', ...where, '--include', '--input', '-'];
  const input = JSON.stringify({ query, variables });
  for (let tries = 1; ; tries++) {
    const ran = await run(args, input);
    const reply = readReply(ran.stdout);
    const { body } = reply;
    const isWell = ran.code === 0 && body?.data !== undefined && !body.errors?.length;
    if (isWell) return body.data as never;
    const pause = pauseAfter(ran, reply, tries);
    if (pause === undefined || tries >= limits.board_tries) throw failureOf(ran, reply, host);
    await rest(pause);
  }
}

function readReply(stdout: string): Reply {
  const [, status, head = '', body = ''] =
    /^HTTP\/[\d.]+ (\d{3})[^\n]*\n([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(stdout) ?? [];
  const lines = head.split(/\r?\n/).map(line => /^([^:]+):\s*(.*)$/.exec(line) ?? []);
  const headers = new Map(lines.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
  const text = status === undefined ? stdout : body;
  return { status: Number(status ?? 0), headers, body: parsed(text) };
}

function parsed(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** How long to rest before it may go well, in ms; undefined where it will not. */
function pauseAfter(ran: Ran, reply: Reply, tries: number): number | undefined {
  if (isLimited(ran, reply)) {
    const wait = waitOf(reply);
    return wait <= limits.board_patience_ms ? wait : undefined;
  }
  const isBroken = reply.status >= 500 || (ran.code === 0 && reply.body === undefined);
  const isCut = /error connecting|timeout|connection reset|unexpected EOF/i.test(ran.stderr);
  return isBroken || isCut ? limits.board_retry_ms * 2 ** (tries - 1) : undefined;
}

function isLimited(ran: Ran, reply: Reply): boolean {
  const isTyped = reply.body?.errors?.some(({ type = '' }) => /^RATE_LIMIT/.test(type)) ?? false;
  const isTold = /rate limit/i.test(wordsOf(ran, reply));
  return isTyped || isTold || reply.status === 429;
}

/** As GitHub says it; a secondary limit without a word is a minute. */
function waitOf({ headers }: Reply): number {
  const after = Number(headers.get('retry-after') ?? Number.NaN);
  if (Number.isFinite(after)) return after * 1_000;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  const isUsedUp = headers.get('x-ratelimit-remaining') === '0';
  if (isUsedUp && Number.isFinite(reset)) return Math.max(0, reset * 1_000 - Date.now());
  return limits.board_limited_ms;
}

function wordsOf({ stderr }: Ran, { body }: Reply): string {
  const said = [body?.message, ...(body?.errors ?? []).map(({ message }) => message), stderr];
  return said.filter(each => each).join(' ');
}

function failureOf(ran: Ran, reply: Reply, host: string): Failure {
  const words = wordsOf(ran, reply);
  const types = (reply.body?.errors ?? []).map(({ type }) => type);
  if (types.includes('INSUFFICIENT_SCOPES') || /required scopes/i.test(words)) {
    const message = 'gh may not read or move projects: its token lacks the scope project';
    return new Failure('unauthorised', message, { hint: `gh auth refresh -h ${host} -s project` });
  }
  if (ran.code === 4 || reply.status === 401 || /gh auth login|bad credentials/i.test(words)) {
    const hint = `gh auth login -h ${host}`;
    return new Failure('unauthorised', `gh is not logged in to ${host}`, { hint });
  }
  if (isLimited(ran, reply)) {
    const seconds = Math.ceil(waitOf(reply) / 1_000);
    return new Failure('failed', `GitHub asks to wait ${seconds} s`, { hint: 'try again then' });
  }
  if (types.includes('NOT_FOUND')) {
    const hint = 'see what there is: gh project list --owner OWNER';
    return new Failure('unknown', cleanLine(words), { hint });
  }
  const what = cleanLine(words) || 'it answered what is no JSON';
  return new Failure('failed', `GitHub did not answer: ${what}`, { hint: 'try again later' });
}
