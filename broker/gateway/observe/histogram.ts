// A histogram of the log over time: counted where it is short, estimated where it is long.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { formatCursor, gapOf } from '../../core/cursor.js';
import type { Rights } from '../../core/rows/rights.js';
import { isMistake } from '../../system/fault.js';
import { type ReadingContext, type Stretch, share, spend } from './catch-up.js';
import { createEventFilter, type EventFilter } from './event-filter.js';
import { ReplayFeed } from './replay-feed.js';
import { type PlaceName, startingPoint } from './starting-point.js';

type Histogram = Result<'log.histogram'>;

/** What one commit adds. */
interface Step {
  sequence: number;
  time: number;
  events: number;
  voids: number;
}

/** Commits that are looked at one by one: `first` to `last`. */
interface Sample {
  first: number;
  last: number;
}

const PER_COMMIT = limits.commit_positions;
const BLOCK = limits.mark_every_commits;

/**
 * How many events there were, in equal spans of time from `from` to `to`. Looks at no more than
 * about `most` commits: of a longer stretch at evenly spaced blocks, by which those between
 * are estimated, and `sampled` says which share it was. Refuses as `startingPoint` does.
 */
export async function readHistogram(
  context: ReadingContext,
  held: Rights,
  { from, to = 'now', buckets, filter = {} }: Parsed<'log.histogram'>,
  most: number = limits.histogram_commits,
): Promise<Histogram | Refusal> {
  const { door, ring, log } = context;
  const [begin, end] = [
    await startingPoint(door, ring, from, 'lower'),
    await startingPoint(door, ring, to, 'upper'),
  ];
  if (isRefusal(begin)) return begin;
  if (isRefusal(end)) return end;
  const at = formatCursor(log, end.sequence, end.digest, end.events);
  const [low, high] = [gapOf(begin), gapOf(end)];
  if (low >= high) return { at, buckets: [] };
  const first = Math.floor(low / PER_COMMIT);
  const last = Math.floor((high - 1) / PER_COMMIT);
  const samples = samplesOf(first, last, most);
  const passes = createEventFilter(filter, held);
  const count: EventFilter = commits =>
    passes(commits).filter(({ record: { position } }) => position >= low && position < high);
  try {
    const runs: Step[][] = [];
    for (const sample of samples) runs.push(await readSteps(context, sample, count));
    const scale = new Scale(spanOf(door.now(), from, to, runs), buckets);
    runs.forEach((run, n) => {
      if (n > 0) estimate(scale, runs[n - 1]!, run);
      for (const { time, sequence, events, voids } of run) {
        scale.add(scale.indexAt(time), sequence, events, voids);
      }
    });
    const looked = runs.reduce((sum, run) => sum + run.length, 0);
    const told = { at, buckets: scale.told(last) };
    return looked > last - first ? told : { ...told, sampled: looked / (last - first + 1) };
  } catch (error) {
    if (isMistake(error)) throw error;
    return refuse('unavailable', 'The log cannot be read just now; try again in a moment.');
  }
}

/** The whole stretch, or evenly spaced blocks of it, each from a mark of the fold on. */
function samplesOf(first: number, last: number, most: number): Sample[] {
  const commits = last - first + 1;
  if (commits <= most) return [{ first, last }];
  const count = most / BLOCK;
  const apart = (commits - BLOCK) / (count - 1);
  return Array.from({ length: count }, (_, n) => {
    const wished = first + Math.round(n * apart);
    // The first and the last one say how far the stretch reaches in time.
    const begin = n === 0 ? first : wished - ((wished - 1) % BLOCK);
    return { first: begin, last: n === count - 1 ? last : Math.min(begin + BLOCK - 1, last) };
  });
}

/** What each commit of a sample adds, in order. */
async function readSteps(
  context: ReadingContext,
  { first, last }: Sample,
  count: EventFilter,
): Promise<Step[]> {
  const steps: Step[] = [];
  const feed = new ReplayFeed(context.door, context.feeds);
  try {
    for (let next = first; next <= last; next = steps.at(-1)!.sequence + 1) {
      for (const commit of await commitsFrom(context, feed, next, last)) {
        const lines = count([commit]);
        const voids = lines.filter(({ record }) => record.void !== undefined).length;
        const { sequence, time } = commit;
        steps.push({ sequence, time, events: lines.length, voids });
      }
    }
  } finally {
    await feed.close();
  }
  return steps;
}

async function commitsFrom(
  context: ReadingContext,
  feed: ReplayFeed,
  next: number,
  last: number,
): Promise<readonly Stretch[]> {
  await share(context);
  const { ring } = context;
  const { sequence: base } = ring.base();
  const commits =
    next > base
      ? ring.read(next - 1, last, limits.behind_bytes)
      : await feed.read(next - 1, Math.min(last, base), limits.behind_bytes);
  let bytes = 0;
  for (const commit of commits) bytes += commit.bytes.length + limits.ring_commit_bytes;
  spend(context, limits.read_weight_ratio * bytes);
  return commits;
}

/** From which time to which: as asked for, else as far as the stretch reaches. */
function spanOf(
  now: number,
  from: PlaceName,
  to: PlaceName,
  runs: readonly Step[][],
): [begin: number, end: number] {
  const newest = runs.at(-1)!.at(-1)!.time;
  const begin = timeIn(from, now) ?? runs[0]![0]!.time;
  const end = to === 'now' ? now : (timeIn(to, now) ?? newest);
  return [begin, Math.max(begin, end, newest)];
}

function timeIn(place: PlaceName, now: number): number | undefined {
  return typeof place === 'object' && 'time' in place ? resolveMoment(place.time, now) : undefined;
}

/** Equal spans of time, and what happened in each. */
class Scale {
  readonly begin: number;
  readonly width: number;
  readonly #buckets: { sequence: number; events: number; voids: number }[];

  constructor([begin, end]: readonly [number, number], count: number) {
    this.begin = begin;
    this.width = (end - begin + 1) / count;
    this.#buckets = Array.from({ length: count }, () => ({ sequence: 0, events: 0, voids: 0 }));
  }

  indexAt(time: number): number {
    const index = Math.floor((time - this.begin) / this.width);
    return Math.max(0, Math.min(this.#buckets.length - 1, index));
  }

  /** In the order of the log. */
  add(index: number, sequence: number, events: number, voids: number): void {
    const bucket = this.#buckets[index]!;
    bucket.sequence ||= sequence;
    bucket.events += events;
    bucket.voids += voids;
  }

  /** Where nothing happened the position is that of what came next, or of the last commit. */
  told(last: number): Histogram['buckets'] {
    let next = last;
    return this.#buckets
      .toReversed()
      .map(({ sequence, events, voids }, n) => {
        next = sequence || next;
        const time = Math.round(this.begin + (this.#buckets.length - 1 - n) * this.width);
        const position = next * PER_COMMIT;
        return { position, time, events: Math.round(events), voids: Math.round(voids) };
      })
      .reverse();
  }
}

/** Commits between two samples are taken to be as those are, and spread evenly over their time. */
function estimate(scale: Scale, before: readonly Step[], after: readonly Step[]): void {
  const [left, right] = [before.at(-1)!, after[0]!];
  const skipped = right.sequence - left.sequence - 1;
  const looked = before.length + after.length;
  const each = (key: 'events' | 'voids') =>
    [...before, ...after].reduce((sum, step) => sum + step[key], 0) / looked;
  const [events, voids] = [skipped * each('events'), skipped * each('voids')];
  const length = Math.max(1, right.time - left.time);
  for (let n = scale.indexAt(left.time); n <= scale.indexAt(right.time); n++) {
    const from = Math.max(left.time, scale.begin + n * scale.width);
    const to = Math.min(right.time, scale.begin + (n + 1) * scale.width);
    const part = left.time === right.time ? 1 : Math.max(0, to - from) / length;
    const passed = Math.floor((skipped * (from - left.time)) / length);
    scale.add(n, left.sequence + 1 + passed, part * events, part * voids);
  }
}
