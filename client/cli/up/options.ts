// The options of a broker's start: as they are typed, with what holds where nothing was.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { Failure } from '../../terminal/exit.js';
import type { KeyName } from '../config/keys.js';
import { type Settings, settingOf } from '../config/settings.js';
import { commaList, portNumber } from '../options.js';

/** As typed: what is absent was not. */
export interface UpOptions {
  host?: string;
  port?: number;
  nats?: string;
  natsCreds?: string;
  durability?: 'fsync' | 'os';
  allowHost?: string[];
}

/** All that a broker is started with. */
export interface UpChoice {
  host: string;
  port: number;
  nats?: string;
  natsCreds?: string;
  durability: 'fsync' | 'os';
  allowHost: string[];
}

/** The options of a verb that starts a broker, now or at every login. */
export function withUpOptions(verb: Command): Command {
  return verb
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on; 0 picks a free one (default: 7117)', portNumber)
    .option(
      '--nats <urls>',
      'keep the log on this nats-server or cluster, not on an own one (or SIGNALBOX_NATS)',
    )
    .option(
      '--nats-creds <file>',
      'log in there with a .creds file or an nkey seed (or SIGNALBOX_NATS_CREDS)',
    )
    .addOption(
      new Option(
        '--durability <what>',
        'on disk at every commit (fsync, the default), or when the system likes',
      ).choices(['fsync', 'os']),
    )
    .option('--allow-host <list>', 'other names this broker is reached by, as box.lan:7117', list);
}

const list = (text: string) => commaList(text);

/** What was typed, else what the environment says, else the config files, else the default. */
export function chosen(
  options: UpOptions,
  { env, directory }: { env: NodeJS.ProcessEnv; directory: string },
  settings: Settings,
): UpChoice {
  const said = (key: KeyName) => settingOf(settings, key)?.value;
  const nats = options.nats ?? env.SIGNALBOX_NATS ?? said('nats');
  const creds = options.natsCreds ?? env.SIGNALBOX_NATS_CREDS ?? said('nats-creds');
  if (creds && !nats) {
    throw new Failure('usage', 'credentials for NATS without a server to use them on', {
      hint: 'name the servers: --nats or SIGNALBOX_NATS',
    });
  }
  const durability = said('durability') === 'os' ? 'os' : 'fsync';
  return {
    host: options.host ?? said('host') ?? '127.0.0.1',
    port: options.port ?? Number(said('port') ?? 7117),
    durability: options.durability ?? durability,
    allowHost: options.allowHost ?? commaList(said('allow-host') ?? ''),
    ...(nats && { nats }),
    ...(creds && { natsCreds: resolve(directory, creds) }),
  };
}

/** How another process is to start: its words, and what stays out of the list of processes. */
export interface UpCall {
  words: string[];
  env: Record<string, string>;
}

/** The call of `up` that starts a broker so in a data directory, wherever it is made from. */
export function upCall(choice: UpChoice, mesh: string, dataDir: string): UpCall {
  const { host, port, nats, natsCreds, durability, allowHost } = choice;
  return {
    words: [
      ...['--mesh', mesh, '--data', dataDir, 'up', '--host', host, '--port', String(port)],
      ...(durability === 'fsync' ? [] : ['--durability', durability]),
      ...(allowHost.length === 0 ? [] : ['--allow-host', allowHost.join(',')]),
    ],
    // An address may have a password in it, and a list of processes is anybody's to read.
    env: {
      ...(nats && { SIGNALBOX_NATS: nats }),
      ...(natsCreds && { SIGNALBOX_NATS_CREDS: natsCreds }),
    },
  };
}
