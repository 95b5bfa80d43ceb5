// The verb replay: what happened between two moments once more, in its own pace.
import { setTimeout as pause } from 'node:timers/promises';
import type { LogRecord } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { LogReader } from '../sdk/reading.js';
import { createRecordLines } from '../terminal/events.js';
import { Failure } from '../terminal/exit.js';
import { type LogPlace, PLACE_HELP } from '../terminal/places.js';
import type { Cli, CliVerb } from './cli.js';
import { examples, portNumber } from './options.js';
import { brokerTime } from './reach/calls.js';
import { learnDeparted, peerNames } from './reach/peers.js';
import { place, placeAt, placeOf } from './reach/place.js';
import type { Reach } from './reach/reach.js';
import { pauseBetween, readGap, readSpeed, type Tempo } from './replay/pace.js';
import { serve } from './replay/serve.js';

interface Options {
  from: string;
  to?: string;
  speed: number;
  maxGap: number;
  serve?: boolean;
  port?: number;
}

export const replay: CliVerb = (program, act) => {
  program
    .command('replay')
    .description('show once more what happened, in its own pace')
    .requiredOption('--from <place>', 'where to begin', place)
    .option('--to <place>', 'where to end (default: now)', place)
    .option('--speed <times>', '1x, 10x, 0.5x, or max', readSpeed, 1)
    .option('--max-gap <time>', 'no pause is longer', readGap, 1_000)
    .option('--serve', 'serve it to observers instead, as a mesh of its own that takes no word')
    .option('--port <number>', 'with --serve, the port to listen on (default: any)', portNumber)
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox replay --from "yesterday 18:00" --to "yesterday 19:00" --speed 10x',
        'signalbox replay --from 2h --speed max --jsonl',
        'signalbox replay --from start --speed 60x --serve',
      )}`,
    )
    .action(act(run));
};

const start = (...config: Parameters<StartReplay>) =>
  import('../../broker/main.js').then(({ startReplay }) => startReplay(...config));
type StartReplay = typeof import('../../broker/main.js')['startReplay'];

async function run(cli: Cli, options: Options): Promise<void> {
  demandFitting(cli, options);
  const pace: Tempo = { speed: options.speed, max_gap_ms: options.maxGap };
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (options.serve) {
      await serve(cli, { ...between(options), pace, port: options.port ?? 0 }, signal, start);
      return;
    }
    const reach = await cli.reach();
    await placeAt(reach, options.from);
    await print(cli, reach, between(options), pace, signal);
  } catch (error) {
    // Whoever stops what is served has seen enough.
    if (!signal.aborted) throw error;
    if (!options.serve) throw new Failure('interrupted', 'stopped before the end');
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

function between({ from, to }: Options) {
  return { from: placeOf(from), to: to === undefined ? undefined : placeOf(to) };
}

/** An option that would be passed over in silence was meant otherwise. */
function demandFitting({ options: { url } }: Cli, { serve, port }: Options): void {
  if (serve && url !== undefined) {
    throw new Failure('usage', '--serve reads the store of this machine, not that of --url', {
      hint: 'name its directory with --data or --mesh, or leave out --serve',
    });
  }
  if (!serve && port !== undefined) {
    throw new Failure('usage', '--port is of --serve, which is not there');
  }
}

async function print(
  cli: Cli,
  reach: Reach,
  { from, to }: { from: LogPlace; to: LogPlace | undefined },
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
