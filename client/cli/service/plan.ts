// What a service of this user is: its name, what it runs, in which environment, and its file.
import { realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { programWords } from '../../setup/program-words.js';
import { Failure } from '../../terminal/exit.js';
import type { Cli } from '../cli.js';
import { dataDirectory } from '../reach/paths.js';
import { brokerLog } from '../up/log-file.js';
import { chosen, type UpOptions, upCall } from '../up/options.js';

/** Who starts services at a login of their user. */
export type ServiceKeeper = 'systemd' | 'launchd';

/** All that its file says, and where it lies. */
export interface ServicePlan {
  keeper: ServiceKeeper;
  mesh: string;
  /** As the keeper calls it. */
  label: string;
  file: string;
  words: string[];
  env: Record<string, string>;
  dataDir: string;
  logFile: string;
  /** What holds only as long as files stay where they are. */
  notes: string[];
}

/** Begins what tells a file of ours. */
export const SERVICE_MARK = 'Written by signalbox service install; change it by installing anew:';

/** Where services of this machine are kept. Throws a Failure where nobody is known to do so. */
export function keeperOf(platform: NodeJS.Platform): ServiceKeeper {
  if (platform === 'darwin') return 'launchd';
  if (platform === 'linux') return 'systemd';
  throw new Failure('failed', `no services are known on ${platform}`, {
    hint: 'run the broker in the background instead: signalbox up --detach',
  });
}

/** The service of a mesh of this user. Throws a Failure for a user without a home. */
export function servicePlan(cli: Cli, keeper: ServiceKeeper, options: UpOptions): ServicePlan {
  const { world, paths, settings } = cli;
  const { mesh } = cli.options;
  const dataDir = resolve(cli.options.data ?? dataDirectory(paths, mesh));
  const logFile = brokerLog(paths, mesh, dataDir);
  const choice = chosen(options, world, settings);
  const call = upCall(choice, mesh, dataDir);
  const { words, isFleeting } = programWords(world);
  const [node, file] = words.length === 2 ? words : world.program;
  const program = [stable(node ?? '', world.env), realpathSync(file ?? '')];
  const label =
    keeper === 'systemd'
      ? `signalbox${mesh === 'default' ? '' : `-${mesh}`}.service`
      : `dev.signalbox.${mesh === 'default' ? 'broker' : `mesh.${mesh}`}`;
  const npx = 'npx keeps the program in a cache: install it for good with npm install -g signalbox';
  return {
    keeper,
    mesh,
    label,
    file: join(roomOf(cli, keeper), keeper === 'systemd' ? label : `${label}.plist`),
    words: [...program, ...call.words],
    env: { ...environment(world.env), ...call.env },
    dataDir,
    logFile,
    notes: isFleeting ? [npx] : [],
  };
}

function roomOf({ world, paths }: Cli, keeper: ServiceKeeper): string {
  if (keeper === 'systemd') return join(paths.config, '..', 'systemd', 'user');
  if (world.home !== undefined) return join(world.home, 'Library', 'LaunchAgents');
  throw new Failure('failed', 'this user has no home directory', { hint: 'set HOME' });
}

/** The node of the PATH where it is this one: its own path may go with its next version. */
function stable(node: string, { PATH = '' }: NodeJS.ProcessEnv): string {
  const places = PATH.split(delimiter).filter(isAbsolute);
  const isSame = (path: string) => {
    try {
      return realpathSync(path) === realpathSync(node);
    } catch {
      return false;
    }
  };
  return places.map(place => join(place, 'node')).find(isSame) ?? node;
}

const PASSED = [
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'SIGNALBOX_LOG',
  'SIGNALBOX_NATS_SERVER',
];

/** What a broker goes by and a login does not have. No credential is among it but by its file. */
function environment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of PASSED) {
    const value = env[name];
    if (value && (!name.startsWith('XDG_') || isAbsolute(value))) kept[name] = value;
  }
  const places = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const lasting = places.filter(place => !/node_modules[\\/]\.bin$|node-gyp-bin$/.test(place));
  return { ...kept, PATH: [...new Set(lasting)].join(delimiter) || '/usr/bin:/bin' };
}
