// What `up` says once it is ready: where it is, who can knock, and what to type elsewhere.
import { resolve } from 'node:path';
import { quoted, selfCommand } from '../../terminal/paste.js';
import type { Cli } from '../cli.js';
import { dataDirectory, userPaths } from '../reach/paths.js';

/** As much of a ready line as is told to people. */
export interface ReadyTold {
  url: string;
  mesh: string;
  durability: string;
  nats_server?: { version: string };
}

/** Commands for another terminal, whole as they are pasted there. */
export function callsFor(cli: Cli, dataDir: string): string {
  const { world, options, settings } = cli;
  // By the environment another terminal may find another directory, or another broker.
  const isPlain =
    world.home !== undefined &&
    settings.every(({ values }) => values.context === undefined && values.mesh === undefined) &&
    !world.env.SIGNALBOX_CONTEXT &&
    resolve(dataDir) === dataDirectory(userPaths({}, world.home), options.mesh) &&
    !world.env.SIGNALBOX_URL &&
    !world.env.SIGNALBOX_TOKEN_FILE;
  const mesh = options.mesh === 'default' ? '' : ` --mesh ${options.mesh}`;
  return `${selfCommand(world)}${isPlain ? mesh : ` --data ${quoted(resolve(dataDir))}`}`;
}

/** For people; `urls` are those by which other machines reach it, `ending` is how it is stopped. */
export function greeting(
  ready: ReadyTold,
  urls: readonly string[],
  cli: Cli,
  dataDir: string,
  ending: readonly string[],
): string[] {
  const { paint } = cli.terminal;
  const self = callsFor(cli, dataDir);
  const store = ready.nats_server ? `, nats-server ${ready.nats_server.version}` : '';
  return [
    `${paint.bold('Signalbox is up')}: ${paint.cyan(ready.url)}`,
    `  mesh ${ready.mesh}, durability ${ready.durability}${store}, data in ${dataDir}`,
    ...urls.map(url => `  from other machines: ${paint.cyan(url)}`),
    '  In another terminal, for example:',
    `    ${self} join --as ada`,
    `    ${self} tail --from start`,
    ...(urls.length === 0 ? [] : [`    ${self} token create NAME --out NAME.token`]),
    ...ending,
  ];
}

/** What is said loudly when others than this machine can knock. */
export function warning(host: string, urls: readonly string[]): string[] {
  const where = urls.length === 0 ? 'no network is there just now' : urls.join(' ');
  return [
    `OPEN TO THE NETWORK: --host ${host} lets whoever reaches this machine knock (${where}).`,
    '  Whoever has a token gets in, and nobody else.',
    '  There is no TLS: whoever is on the network path can read tokens and messages. Let only a',
    '  trusted network reach the port, or put a proxy with TLS before it (--allow-host its name).',
  ];
}
