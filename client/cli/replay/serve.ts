// Serving a replay: a broker in this process that shows old commits to observers, and takes none.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import type { LogPlace } from '../../terminal/places.js';
import { why } from '../../terminal/why.js';
import type { Cli } from '../cli.js';
import { dataDirectory } from '../reach/paths.js';
import { version } from '../version.js';
import type { Tempo } from './pace.js';

interface Serving {
  from: LogPlace;
  to: LogPlace | undefined;
  pace: Tempo;
  port: number;
}

interface Replay {
  ready: { url: string; token_file: string };
  /** Resolves when all has been shown. */
  ended: Promise<void>;
  closed: Promise<void>;
  close(): Promise<void>;
}

/** What the broker is asked to start with. */
export interface ReplayWish extends Serving {
  dataDir: string;
  mesh: string;
  host: string;
  version: string;
  stopping: AbortSignal;
}

/** Serves until the signal. Throws a Failure where no log lies, or the port is taken. */
export async function serve(
  { options, paths, terminal }: Cli,
  { from, to, pace, port }: Serving,
  stopping: AbortSignal,
  start: (wish: ReplayWish) => Promise<Replay>,
): Promise<void> {
  const dataDir = options.data ?? dataDirectory(paths, options.mesh);
  await access(join(dataDir, 'store')).catch(() => {
    throw new Failure('unknown', `there is no log of this machine in ${dataDir}`, {
      hint: 'a replay is served from the store itself: name its directory with --data or --mesh',
    });
  });
  const { mesh } = options;
  const begun = start({
    dataDir,
    mesh,
    host: '127.0.0.1',
    port,
    version,
    from,
    to,
    pace,
    stopping,
  });
  const replay = await terminal.during('folding what was before', begun).catch(error => {
    if (error.code === 'replay_place') throw new Failure('usage', error.message);
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Failure('conflict', `port ${port} is taken`, { hint: 'leave out --port' });
  });
  try {
    const { ready } = replay;
    await terminal.one(ready, () => [
      `replaying at ${ready.url}; nothing can be said there`,
      `look on: SIGNALBOX_URL=${ready.url} SIGNALBOX_TOKEN_FILE=${ready.token_file} signalbox tail`,
    ]);
    replay.ended.then(
      () => terminal.say('the replay has come to its end; it is shown until you press Ctrl-C'),
      error => {
        if (!stopping.aborted) terminal.say(`the replay has ended early: ${why(error)}`);
      },
    );
    await replay.closed;
  } finally {
    await replay.close();
  }
}
