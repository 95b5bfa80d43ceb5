// Proposals of the noun lease: paths are brought into their one spelling here, once.
import { canonicalPaths } from '../../../schemas/lease-path.js';
import type { Parsed } from '../../../schemas/method.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { covers } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import { type Commands, type Context, type Propose, self } from '../shared/command-context.js';
import type { Author } from '../words.js';
import { type LeaseWish, unknownLease } from './holders.js';

const proposeTake: Propose<'lease.take', 'lease.taken'> = (context, params) => {
  const { mode, ttl_s, note } = params;
  const paths = spelled(params.paths);
  if ('refusal' in paths) return paths;
  const project = params.project.normalize('NFC');
  return { circle: circleOf(context, params), project, paths: [...paths], mode, ttl_s, note };
};

const proposeRelease: Propose<'lease.release', 'lease.released'> = (context, params) => {
  const { lease } = params;
  if (lease !== undefined) {
    const row = context.table.leases.rows.get(lease);
    const isSeen = row?.by === context.author.peer || covers(context.held, row?.circle ?? '*');
    return row !== undefined && isSeen ? { circle: row.circle, lease } : unknownLease(lease);
  }
  const paths = spelled(params.paths ?? []);
  if ('refusal' in paths) return paths;
  const project = params.project?.normalize('NFC');
  return { circle: circleOf(context, params), project, paths: [...paths] };
};

/** What a take would hold; undefined where its paths or its peer have no place here. */
export function wishOf(
  table: Table,
  { peer = '' }: Author,
  params: Parsed<'lease.take'>,
): LeaseWish | undefined {
  const paths = spelled(params.paths);
  const circle = params.circle ?? table.peers.rows.get(peer)?.circle;
  if ('refusal' in paths || circle === undefined) return undefined;
  const project = params.project.normalize('NFC');
  return { by: peer, circle, project, paths, mode: params.mode };
}

/** A lease is held within a circle: the one that is named, or that of who speaks. */
function circleOf(context: Context, { circle }: { circle?: string | undefined }): string {
  return circle ?? self(context).circle;
}

/** The paths as they are held; `invalid` for one that has no place within a project. */
export function spelled(paths: readonly string[]): readonly string[] | Refusal {
  const canonical = canonicalPaths(paths);
  if (!('fault' in canonical)) return canonical;
  return refuse('invalid', `${JSON.stringify(canonical.path)} ${canonical.fault}.`);
}

export const leaseCommands = {
  'lease.take': proposeTake,
  'lease.release': proposeRelease,
} satisfies Commands;
