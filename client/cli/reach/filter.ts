// The options of verbs that show a part of the log, and the event filter that they stand for.
import type { Command } from 'commander';
import type { Filter } from '../../../schemas/log.js';
import { isFullId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { someItems } from '../options.js';
import { findRef } from './find.js';
import { orMe, peerCalled } from './peers.js';
import type { Reach } from './reach.js';

/** As they are typed. */
export interface FilterOptions {
  kinds?: string[];
  types?: string[];
  peers?: string[];
  refs?: string[];
}

/** Adds the lists; the circle is the one that the program takes. */
export function withFilter(verb: Command): Command {
  return verb
    .option('--kinds <kinds>', 'of these kinds only, as ask,job', someItems)
    .option('--types <types>', 'of these types only, as ask.closed', someItems)
    .option('--peers <peers>', 'from or to these peers only, by name or id', someItems)
    .option(
      '--refs <ids>',
      'about these asks, messages, jobs, schedules or watches only',
      someItems,
    );
}

/** The filter; names and short ids are looked up. Throws a Failure for one that means nothing. */
export async function filterOf(cli: Cli, reach: Reach, options: FilterOptions): Promise<Filter> {
  const { kinds, types, peers = [], refs = [] } = options;
  const { circle } = cli.options;
  const peerIds: string[] = [];
  for (const called of peers) {
    peerIds.push(await peerCalled(reach, await orMe(cli, reach, called), circle));
  }
  const refIds: string[] = [];
  for (const typed of refs) {
    const kinds = ['ask', 'msg', 'job', 'sched', 'watch'] as const;
    refIds.push(isFullId(typed) ? typed : await findRef(cli, reach, typed, kinds));
  }
  return {
    ...(circle !== undefined && { circles: [circle] }),
    ...(kinds && { kinds }),
    ...(types && { types }),
    ...(peerIds.length > 0 && { peers: peerIds }),
    ...(refIds.length > 0 && { refs: refIds }),
  };
}
