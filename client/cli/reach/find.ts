// From a typed short id to the whole id it means: what was shown, then the lists, then the log.
import { join } from 'node:path';
import { madeBy, makersOf } from '../../../schemas/event.js';
import type { RefusalName } from '../../../schemas/refusal.js';
import { allRows } from '../../sdk/pages.js';
import { Failure, refused } from '../../terminal/exit.js';
import { isFullId, isShortId, matchIds } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { allAsks, allJobs, allSchedules } from './lists.js';
import type { Reach } from './reach.js';
import { noteIds, recentIds } from './recent.js';
import { connectTo } from './socket.js';

export type RefKind = 'ask' | 'msg' | 'job' | 'sched' | 'watch' | 'webhook' | 'dead';

interface Noun {
  word: string;
  unknown: RefusalName;
  /** The verb that shows the short ids. */
  see: string;
  list(reach: Reach): Promise<string[]>;
}

const nouns: Record<RefKind, Noun> = {
  ask: {
    word: 'ask',
    unknown: 'ask_unknown',
    see: 'signalbox asks',
    list: async reach =>
      (await allAsks(reach, {})).flatMap(({ ask, group }) => (group ? [ask, group] : [ask])),
  },
  msg: {
    word: 'message',
    unknown: 'message_unknown',
    see: 'signalbox tail --from 1h',
    list: async () => [],
  },
  job: {
    word: 'job',
    unknown: 'job_unknown',
    see: 'signalbox job list --all',
    list: async reach => (await allJobs(reach)).map(({ job }) => job),
  },
  sched: {
    word: 'schedule',
    unknown: 'schedule_unknown',
    see: 'signalbox schedule list --all',
    list: async reach =>
      (await allSchedules(reach, { mine: false })).map(({ schedule }) => schedule),
  },
  watch: {
    word: 'watch',
    unknown: 'watch_unknown',
    see: 'signalbox watch list --all',
    list: async reach =>
      (await allRows(at => reach.read('watch.list', { mine: false, ...at }))).map(
        ({ watch }) => watch,
      ),
  },
  webhook: {
    word: 'webhook',
    unknown: 'webhook_unknown',
    see: 'signalbox webhook list',
    list: async reach =>
      (await allRows(at => reach.read('webhook.list', at))).map(({ webhook }) => webhook),
  },
  dead: {
    word: 'dead letter',
    unknown: 'letter_unknown',
    see: 'signalbox dead-letter list',
    list: async reach =>
      (await allRows(at => reach.read('deadletter.list', at))).map(({ letter }) => letter),
  },
};

/** Remembers ids that are being shown, so that their short forms can be typed. */
export async function noteShown(_: Cli, reach: Reach, ids: readonly string[]): Promise<void> {
  const file = await recentFile(reach);
  if (file !== undefined) await noteIds(file, ids);
}

/** The whole id of what was typed. Throws a Failure when it means none or several. */
export async function findRef(
  cli: Cli,
  reach: Reach,
  typed: string,
  kinds: readonly [RefKind, ...RefKind[]],
): Promise<string> {
  const fits = (id: string) => kinds.some(kind => id.startsWith(`${kind}_`));
  if (isFullId(typed) && fits(typed)) return typed;
  const what = kinds.map(kind => nouns[kind].word).join(' or ');
  if (!isShortId(typed) || (/^[a-z]+_/.test(typed) && !fits(typed))) {
    throw new Failure('usage', `${typed} is no id of ${/^[ao]/.test(what) ? 'an' : 'a'} ${what}`, {
      hint: `type the characters shown beside it in: ${nouns[kinds[0]].see}, inbox or tail`,
    });
  }
  const file = await recentFile(reach);
  const known = file === undefined ? [] : await recentIds(file);
  const found =
    onlyOne(typed, known.filter(fits)) ??
    onlyOne(typed, (await listed(reach, kinds)).filter(fits)) ??
    onlyOne(typed, (await logged(cli, reach, kinds)).filter(fits));
  if (found !== undefined) return found;
  const { unknown, see } = nouns[kinds[0]];
  throw refused(unknown, `there is no ${what} ${typed}`, `see what there is: ${see}`);
}

/** The job that was typed: an id, enough of it, or `#12` or `12` for its number. */
export async function findJob(cli: Cli, reach: Reach, typed: string): Promise<string> {
  const number = /^#\d{1,9}$|^\d{1,3}$/.test(typed) ? Number(typed.replace('#', '')) : undefined;
  if (number === undefined) return findRef(cli, reach, typed, ['job']);
  const found = (await allJobs(reach)).find(row => row.number === number);
  if (found !== undefined) return found.job;
  throw refused('job_unknown', `there is no job #${number}`, `see what there is: ${nouns.job.see}`);
}

/** The one id among those given that was meant; undefined for none, a Failure for several. */
export function onlyOne(typed: string, ids: readonly string[]): string | undefined {
  const hits = matchIds(typed, ids);
  if (hits.length <= 1) return hits[0];
  throw new Failure('usage', `${typed} can mean ${hits.length} things`, {
    hint: `type more of one of them:\n  ${hits.slice(0, 10).join('\n  ')}`,
  });
}

async function listed(reach: Reach, kinds: readonly RefKind[]): Promise<string[]> {
  return (await Promise.all(kinds.map(kind => nouns[kind].list(reach)))).flat();
}

/** Every id the log has: slow, but nothing is unknown because it is old. */
async function logged(cli: Cli, reach: Reach, kinds: readonly RefKind[]): Promise<string[]> {
  const client = await connectTo(reach);
  const ids: string[] = [];
  const types = [...new Set(kinds.flatMap(makersOf))];
  const search = async () => {
    const feed = client.observe({ from: 'start', filter: { types } });
    for await (const { records, live } of feed) {
      for (const { event } of records) ids.push(...kinds.flatMap(kind => madeBy(event, kind)));
      if (live) return ids;
    }
    return ids;
  };
  return cli.terminal.during('searching the log', search()).finally(() => client.close());
}

/** Without a home nothing is remembered, and whole ids are looked up. */
async function recentFile(reach: Reach): Promise<string | undefined> {
  const room = await reach.room().catch(() => undefined);
  return room && join(room, 'recent.ids');
}
