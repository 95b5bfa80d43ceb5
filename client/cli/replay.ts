// The verb replay: what happened between two moments once more, in its own pace.
import { setTimeout as pause } from 'node:timers/promises';
import type { LogRecord } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { LogReader } from '../sdk/reading.js';
import { createRecordLines } from '../terminal/events.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import { fromMoment, isPlace } from '../terminal/times.js';
import { localZone, readPast } from '../terminal/when.js';
import type { Cli, CliVerb } from './cli.js';
import { examples, portNumber } from './options.js';
import { brokerTime } from './reach/calls.js';
import { learnDeparted, peerNames } from './reach/peers.js';
import type { Reach } from './reach/reach.js';
import { pauseBetween, readGap, readSpeed, type Tempo } from './replay/pace.js';
import { type ReplayMoment, serve } from './replay/serve.js';

interface Options {
  from: string;
  to?: string;
  speed: number;
  maxGap: number;
  serve?: boolean;
  port: number;
}

export const replay: CliVerb = (program, act) => {
  program
    .command('replay')
    .description('show once more what happened, in its own pace')
    .requiredOption('--from <when>', 'start, 2h, "yesterday 18:00", an ISO time, or a position')
    .option('--to <when>', 'where to end (default: now)')
    .option('--speed <times>', '1x, 10x, 0.5x, or max', readSpeed, 1)
    .option('--max-gap <time>', 'no pause is longer', readGap, 1_000)
    .option('--serve', 'serve it to observers instead, as a mesh of its own that takes no word')
    .option('--port <number>', 'with --serve, the port to listen on', portNumber, 0)
    .addHelpText(
      'after',
      examples(
        'signalbox replay --from "yesterday 18:00" --to "yesterday 19:00" --speed 10x',
        'signalbox replay --from 2h --speed max --jsonl',
        'signalbox replay --from start --speed 60x --serve',
      ),
    )
    .action(act(run));
};

const start = (...config: Parameters<StartReplay>) =>
  import('../../broker/main.js').then(({ startReplay }) => startReplay(...config));
type StartReplay = typeof import('../../broker/main.js')['startReplay'];

async function run(cli: Cli, options: Options): Promise<void> {
  const pace: Tempo = { speed: options.speed, max_gap_ms: options.maxGap };
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const from = placeOf(options.from);
    const to = options.to === undefined ? undefined : placeOf(options.to);
    if (options.serve) await serve(cli, { from, to, pace, port: options.port }, signal, start);
    else await print(cli, await cli.reach(), { from, to }, pace, signal);
  } catch (error) {
    // Who stops watching has seen enough.
    if (!signal.aborted) throw error;
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

/** A moment of the log as people write it; a duration is ago. */
function placeOf(text: string): ReplayMoment {
  if (/^@?\d+$/.test(text) && (text.startsWith('@') || text.length < 12)) {
    return { position: Number(text.replace('@', '')) };
  }
  const now = brokerTime.now();
  const time = readPast(text, now, localZone());
  if (time !== undefined) return { time: Math.floor(time) };
  const place = isPlace(text) ? fromMoment(text, now) : undefined;
  if (place === 'start' || place === 'now') return place;
  throw new Failure('usage', `${oneLine(text, 64)} is no moment of the past`, {
    hint: 'write it as start, 2h, 18:00, "yesterday 18:00", 2026-12-24T18:00, or a position',
  });
}

async function print(
  cli: Cli,
  reach: Reach,
  { from, to }: { from: ReplayMoment; to: ReplayMoment | undefined },
  pace: Tempo,
  signal: AbortSignal,
): Promise<void> {
  const { terminal } = cli;
  const names = await peerNames(reach);
  const reader = new LogReader(params => reach.read('log.read', params), {
    from,
    ...(to !== undefined && { to }),
    max: Number.POSITIVE_INFINITY,
  });
  const told = createRecordLines(terminal, names, brokerTime.now());
  const show = (records: readonly LogRecord[]) =>
    terminal.format === 'people'
      ? terminal.one(undefined, () => told(records).lines)
      : terminal.out(...records.map(record => JSON.stringify(record)));
  let last: LogRecord | undefined;
  let ready: LogRecord[] = [];
  let due = performance.now();
  for await (const { records } of reader) {
    if (terminal.format === 'people') await learnDeparted(reach, names, records);
    for (const record of records) {
      if (last !== undefined) due += pauseBetween(last.time, record.time, pace);
      last = record;
      const wait = due - performance.now();
      // Shorter ones add up.
      if (wait >= limits.replay_step_ms) {
        await show(ready);
        ready = [];
        await pause(wait, undefined, { signal });
      }
      ready.push(record);
    }
    await show(ready);
    ready = [];
    signal.throwIfAborted();
  }
  if (last === undefined) terminal.say('nothing happened then');
}
