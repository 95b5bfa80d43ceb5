// The noun lease: an advisory lock of files, so that peers know who edits what before they merge.
import { z } from 'zod';
import * as c from './common.js';
import { leaseModes } from './events/lease.js';
import { leaseId } from './id.js';
import { limits } from './limits.js';

const mode = z.enum(leaseModes);

/** Who holds what somebody else wanted. */
export const leaseHolder = z.object({
  path: z.string().describe('What is held; it may lie above or below what was wanted.'),
  peer: z.string(),
  name: c.peerName,
  mode,
  until: c.time.describe('When it ends, unless it is renewed or released before.'),
  note: z.string().optional(),
});
export type LeaseHolder = z.infer<typeof leaseHolder>;

export const leaseRow = z.object({
  lease: z.string(),
  project: z.string(),
  paths: z.array(z.string()),
  mode,
  by: z.string(),
  by_name: c.peerName,
  circle: z.string(),
  note: z.string().optional(),
  until: c.time.describe('When it ends, unless it is renewed or released before.'),
  away_until: c.time
    .optional()
    .describe('Its holder lost its connection, and loses the lease then unless it comes back.'),
  taken_at: c.time,
  position: c.position,
});
export type LeaseRow = z.infer<typeof leaseRow>;

const project = z
  .string()
  .min(1)
  .max(limits.path_chars)
  .describe('Whose paths: as github.com/acme/app, or <machine>:<folder> where nothing is remote.');
const paths = z
  .array(z.string().min(1).max(limits.path_chars))
  .min(1)
  .max(limits.lease_paths_items)
  .describe(
    'Relative to the project, without `..`; one stands for all that lies below it, `.` for the ' +
      'whole project.',
  );
const circle = c.circle
  .optional()
  .describe('A lease is held within a circle. Left out: the own one.');

export const leaseMethods = {
  'lease.take': c.method({
    params: z.strictObject({
      ...c.command,
      project,
      paths,
      mode: mode.default('exclusive').describe('`shared` lets others share the same files.'),
      ttl_s: z
        .number()
        .int()
        .min(limits.lease_ttl_min_s)
        .max(limits.lease_ttl_max_s)
        .default(limits.lease_ttl_s)
        .describe('For how many seconds; taking it again renews it.'),
      note: c.label
        .min(1)
        .optional()
        .describe('What for, for those who want the same. Left out: none.'),
      circle,
      wait_s: z
        .number()
        .min(0)
        .max(limits.wait_s)
        .default(0)
        .describe('For how many seconds to wait until the paths are free.'),
    }),
    result: z.object({
      ...c.verdict,
      lease: z.string().optional(),
      paths: z.array(z.string()).optional().describe('As they are held now.'),
      until: c.time.optional(),
      holders: z.array(leaseHolder).optional().describe('Who took it first, where it is void.'),
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Tell peers that one works on files: all of the paths, or none if another holds one.',
  }),
  'lease.release': c.method({
    params: z
      .strictObject({
        ...c.command,
        lease: leaseId.optional().describe('A lease as a whole. Left out: the paths alone.'),
        project: project.optional().describe('Whose paths. Left out: of a lease.'),
        paths: paths
          .optional()
          .describe('What one holds at these paths and below them. Left out: the lease.'),
        circle,
      })
      .refine(p => (p.lease === undefined) !== (p.paths === undefined), 'give lease or paths')
      .refine(p => (p.project === undefined) === (p.paths === undefined), 'give project and paths'),
    result: z.object({
      ...c.verdict,
      released: z.number().int().optional().describe('How many paths are free again.'),
    }),
    who: 'peer',
    verb: 'speak',
    help: 'Give up what one holds, before its time is over.',
  }),
  'lease.list': c.method({
    params: z.strictObject({
      project: project.optional().describe('Only of this project. Left out: of all.'),
      paths: paths.optional().describe('Only what lies at, above or below these. Left out: all.'),
      mine: z.boolean().default(false).describe('Only the own ones.'),
      circle: c.circleOfList,
      ...c.pageAfter(leaseId),
    }),
    result: c.rows(leaseRow),
    who: 'token',
    verb: 'observe',
    help: 'Who works on which files, the newest first.',
  }),
};
