// Tools for leases: say which files one works on, see who works on which, and let go of them.

import type { LeaseHolder, LeaseRow } from '../../../schemas/lease.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Result } from '../../../schemas/method.js';
import { argumentsOf } from '../../../schemas/tool-schema.js';
import type { CallParams } from '../../sdk/api.js';
import { RefusalError } from '../../sdk/errors.js';
import { lookFor } from '../../sdk/waiting.js';
import type { Facts } from '../facts.js';
import { type Arguments, inWords, type Mesh, type Tool, type ToolCall } from '../tool.js';
import { at, quote } from '../words.js';
import { waitSlices } from './waiting.js';

const MINUTE = 60_000;
const WHERE = {
  paths: 'Files and folders, there or not yet; a folder stands for all below it.',
  project: 'Only where this session stands in none; as lease_list shows it.',
};

type Taken = Result<'lease.take'>;

const taking = argumentsOf('lease.take', [
  ...['paths', 'mode', 'ttl_s', 'note', 'wait_s', 'project'],
]);

const take: Tool = {
  name: 'lease_take',
  help: 'Tell peers which files you are about to edit, or be told who edits them.',
  effect: 'says',
  schema: inWords(
    { ...taking, required: ['paths'] },
    { ...WHERE, wait_s: 'For how many seconds to wait until they are free.' },
  ),
  async run(call) {
    const { args, mesh } = call;
    const { wait_s = 0, ...given } = args;
    const { files, params } = placed(mesh, given);
    const wanted = params as CallParams<'lease.take'>;
    const { taken, holders } = await takeOrWait(call, wanted, Number(wait_s) || 0);
    if (taken === undefined) return heldBy(holders, mesh.now());
    const beside = files === undefined ? [] : await neighbours(mesh, files.isIn);
    return {
      lease: taken.lease,
      project: wanted.project,
      paths: taken.paths,
      until: at(taken.until),
      beside: beside.length === 0 ? undefined : beside,
      next:
        (beside.length === 0
          ? ''
          : `${beside.join(', ')} edits in this very work tree: ask first; `) +
        'take them again to go on longer, lease_release when done',
    };
  },
};

const list: Tool = {
  name: 'lease_list',
  help: 'Who works on which files, until when.',
  effect: 'reads',
  schema: inWords(argumentsOf('lease.list', ['paths', 'mine', 'project', 'max', 'after']), {
    paths: 'Only what lies at, above or below these.',
    project: 'Another project; * for all. Yours otherwise.',
  }),
  async run({ args, mesh }) {
    const { project: named, paths, ...given } = args;
    const project = named === '*' ? undefined : named;
    const isAll = named === '*' || args.mine === true || mesh.files === undefined;
    const isPlaced = paths !== undefined || project !== undefined || !isAll;
    const { params } = isPlaced ? placed(mesh, { project, paths }) : { params: {} as Wanted };
    const only = paths === undefined ? { project: params.project } : params;
    const few = { max: limits.mcp_rows_items, ...given, ...only } as CallParams<'lease.list'>;
    const { rows, next } = await mesh.call('lease.list', few);
    return {
      project: few.project,
      leases: rows.map(row => rowFacts(row, mesh.now())),
      ...(rows.length === 0 && { none: 'nobody holds any of these files' }),
      more: next && `there are more: lease_list after=${next}`,
      next:
        rows.length === 0
          ? 'lease_take says what you edit'
          : 'ask a holder by its name, or edit elsewhere',
    };
  },
};

const release: Tool = {
  name: 'lease_release',
  help: 'Let go of files that you hold, before their time is over.',
  effect: 'ends',
  schema: inWords(argumentsOf('lease.release', ['paths', 'lease', 'project']), {
    ...WHERE,
    paths: 'Files and folders, with what you hold below them.',
  }),
  async run({ args, mesh }) {
    const params = args.lease === undefined ? placed(mesh, args).params : args;
    await mesh.call('lease.release', params as CallParams<'lease.release'>);
    return { released: args.lease === undefined ? names(params.paths) : `${args.lease}` };
  },
};

/** Behind `more`. */
export const leaseTools: readonly Tool[] = [take, list, release];

/** The paths as those of the project that the session stands in, or of the one that is named. */
function placed(mesh: Mesh, args: Arguments) {
  const typed = args.paths === undefined ? ['.'] : names(args.paths);
  if (args.project !== undefined) return { params: { ...args, paths: typed } as Wanted };
  if (mesh.files === undefined) {
    throw new Error(
      'this session stands in no folder: give project, as lease_list project=* has it',
    );
  }
  const files = mesh.files(typed);
  const { project, paths } = files;
  return { files, params: { ...args, project, paths: [...paths] } as Wanted };
}

type Wanted = Record<string, unknown> & { project?: string; paths?: string[] };

/** One path may come as a text alone. */
function names(paths: unknown): string[] {
  return [paths].flat().map(path => `${path}`);
}

interface TakeOutcome {
  taken?: Taken;
  holders: readonly LeaseHolder[];
}

/** Takes the files, now or within so many seconds; else who holds them. */
async function takeOrWait(
  call: ToolCall,
  params: CallParams<'lease.take'>,
  wait_s: number,
): Promise<TakeOutcome> {
  const { mesh, signal } = call;
  let outcome = await attempt(mesh, params, 0);
  const most = Math.min(wait_s, limits.mcp_wait_s);
  for await (const slice_s of waitSlices(call, most, 'waiting for the files')) {
    if (outcome.taken !== undefined) break;
    outcome = await attempt(mesh, params, slice_s);
  }
  const { lease } = outcome.taken ?? {};
  // Who has given up will not hear that it holds them.
  if (signal.aborted && lease !== undefined) await mesh.call('lease.release', { lease });
  return outcome;
}

async function attempt(
  mesh: Mesh,
  params: CallParams<'lease.take'>,
  wait_s: number,
): Promise<TakeOutcome> {
  try {
    const taken = await mesh.call('lease.take', { ...params, wait_s }, lookFor(wait_s));
    return { taken, holders: [] };
  } catch (error) {
    if (!(error instanceof RefusalError) || error.refusal !== 'lease_held') throw error;
    return { holders: (error.data.holders ?? []) as LeaseHolder[] };
  }
}

function heldBy(holders: readonly LeaseHolder[], now: number): Facts {
  const [first] = holders;
  const who = first?.name ?? first?.peer ?? 'another peer';
  const until =
    first === undefined ? '' : ` until ${at(first.until)} (${left(first.until, now)} left)`;
  return {
    taken: false,
    held: holders.map(({ path, name, peer, mode, until, note }) => ({
      path: quote(path),
      by: name ?? peer,
      mode,
      until: at(until),
      note: quote(note),
    })),
    next: `held by ${who}${until}: ask it, wait with wait_s, or work elsewhere`,
  };
}

function rowFacts(row: LeaseRow, now: number): Facts {
  const until = Math.min(row.until, row.away_until ?? row.until);
  return {
    lease: row.lease,
    by: row.by_name ?? row.by,
    mode: row.mode,
    project: row.project,
    paths: row.paths.slice(0, FEW).map(path => quote(path) ?? path),
    more_paths: row.paths.length > FEW ? row.paths.length - FEW : undefined,
    until: at(until),
    left: left(until, now),
    away: row.away_until === undefined ? undefined : true,
    note: quote(row.note),
  };
}

const FEW = 10;

function left(until: number, now: number): string {
  return `${Math.max(0, Math.ceil((until - now) / MINUTE))} min`;
}

/** Other sessions that are there and stand in the same work tree. */
async function neighbours(mesh: Mesh, isIn: (row: Place) => boolean): Promise<string[]> {
  const { rows } = await mesh.call('peer.list', { circle: '*' });
  return rows.flatMap(row => (row.runtime !== undefined && isIn(row) ? [row.name] : []));
}

interface Place {
  machine?: string | undefined;
  path?: string | undefined;
}
