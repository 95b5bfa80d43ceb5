// From a typed short id to the whole id it means: what was shown, then asks, then the log.
import { join } from 'node:path';
import type { EventType } from '../../../schemas/event.js';
import type { Cli } from '../cli.js';
import { Failure, refused } from '../exit.js';
import { isFullId, isShortId, matchIds } from '../show/short-id.js';
import { identityDirectory } from './paths.js';
import { allAsks } from './peers.js';
import type { Reach } from './reach.js';
import { noteIds, recentIds } from './recent.js';
import { connectTo } from './socket.js';

export type RefKind = 'ask' | 'msg';

const OPENERS: EventType[] = ['ask.opened', 'message.notified', 'message.broadcast'];

/** Remembers ids that are being shown, so that their short forms can be typed. */
export async function noteShown(cli: Cli, reach: Reach, ids: readonly string[]): Promise<void> {
  await noteIds(recentFile(cli, reach), ids);
}

/** The whole id of what was typed. Throws a Failure when it means none or several. */
export async function findRef(
  cli: Cli,
  reach: Reach,
  typed: string,
  kinds: readonly RefKind[],
): Promise<string> {
  const fits = (id: string) => kinds.some(kind => id.startsWith(`${kind}_`));
  if (isFullId(typed) && fits(typed)) return typed;
  const what = kinds.map(kind => (kind === 'ask' ? 'ask' : 'message')).join(' or ');
  if (!isShortId(typed) || (/^[a-z]+_/.test(typed) && !fits(typed))) {
    throw new Failure('usage', `${typed} is no id of an ${what}`, {
      hint: 'type the characters shown beside it in: signalbox asks, inbox or tail',
    });
  }
  const known = await recentIds(recentFile(cli, reach));
  const near = onlyOne(typed, known.filter(fits));
  if (near !== undefined) return near;
  const asks = kinds.includes('ask') ? await knownAsks(reach) : [];
  const found = onlyOne(typed, asks) ?? onlyOne(typed, (await logged(cli, reach)).filter(fits));
  if (found !== undefined) return found;
  const refusal = kinds.includes('ask') ? 'ask_unknown' : 'message_unknown';
  throw refused(refusal, `there is no ${what} ${typed}`, 'see what there is: signalbox asks');
}

/** The one id among those given that was meant; undefined for none, a Failure for several. */
export function onlyOne(typed: string, ids: readonly string[]): string | undefined {
  const hits = matchIds(typed, ids);
  if (hits.length <= 1) return hits[0];
  throw new Failure('usage', `${typed} can mean ${hits.length} things`, {
    hint: `type more of one of them:\n  ${hits.slice(0, 10).join('\n  ')}`,
  });
}

async function knownAsks(reach: Reach): Promise<string[]> {
  return (await allAsks(reach, {})).map(thread => thread.ask);
}

/** Every id the log has: slow, but nothing is unknown because it is old. */
async function logged(cli: Cli, reach: Reach): Promise<string[]> {
  const client = await connectTo(reach);
  const ids: string[] = [];
  const search = async () => {
    const feed = client.observe({ from: 'start', filter: { types: OPENERS } });
    for await (const { records, live } of feed) {
      for (const { event } of records) {
        if ('ask' in event) ids.push(event.ask);
        if ('message' in event) ids.push(event.message);
      }
      if (live) return ids;
    }
    return ids;
  };
  return cli.terminal.during('searching the log', search()).finally(() => client.close());
}

function recentFile(cli: Cli, reach: Reach): string {
  return join(identityDirectory(cli.paths, reach.site), 'recent.ids');
}
