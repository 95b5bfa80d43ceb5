// One run of the command line: its streams, its options, and the broker it reaches when asked to.
import type { Command } from 'commander';
import { Failure } from './exit.js';
import { findSite } from './reach/endpoint.js';
import { nameFrom } from './reach/identity.js';
import { identityDirectory, type UserPaths, userPaths } from './reach/paths.js';
import { openReach, type Reach, type Who } from './reach/reach.js';
import { type Format, openTerminal, type Terminal } from './show/terminal.js';
import type { Stdin } from './text.js';

export interface GlobalOptions {
  url?: string;
  tokenFile?: string;
  as?: string;
  circle?: string;
  mesh: string;
  data?: string;
  json?: boolean;
  jsonl?: boolean;
}

/** The world outside, as the process finds it. */
export interface World {
  env: NodeJS.ProcessEnv;
  home: string;
  userName: string;
  directory: string;
  stdin: Stdin;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export interface Cli {
  readonly world: World;
  readonly options: GlobalOptions;
  readonly paths: UserPaths;
  readonly terminal: Terminal;
  readonly who: Who;
  /** The broker this shell means. Throws a Failure when there is none. */
  reach(): Promise<Reach>;
}

/** An action of a verb: what it is given, in the order commander gives it. */
export type Act = <Given extends unknown[]>(
  work: (cli: Cli, ...given: Given) => Promise<void>,
) => (...given: [...Given, Command]) => Promise<void>;

/** Adds one verb to the program. */
export type Verb = (program: Command, act: Act) => void;

export function openCli(world: World, options: GlobalOptions): Cli {
  const paths = userPaths(world.env, world.home);
  const format: Format = options.jsonl ? 'jsonl' : options.json ? 'json' : 'people';
  const terminal = openTerminal({ ...world, format });
  const who = whoSpeaks(world, options);
  return {
    world,
    options,
    paths,
    terminal,
    who,
    reach: async () => {
      const site = await findSite(options, world.env, paths);
      const identities = identityDirectory(paths, site);
      const { circle } = options;
      return openReach({ site, who, identities, say: terminal.say, ...(circle && { circle }) });
    },
  };
}

function whoSpeaks({ env, userName }: World, options: GlobalOptions): Who {
  const { SIGNALBOX_PEER: agent, SIGNALBOX_SECRET_FILE: secretFile } = env;
  if (agent && !secretFile) {
    throw new Failure('usage', 'SIGNALBOX_PEER needs SIGNALBOX_SECRET_FILE beside it', {
      hint: 'name the file of its secret, or unset SIGNALBOX_PEER to speak as a person',
    });
  }
  if (agent && secretFile) {
    if (options.as === undefined) return { agent, secretFile };
    throw new Failure('usage', `--as is for people; this shell speaks for ${agent}`, {
      hint: 'unset SIGNALBOX_PEER to speak as a person',
    });
  }
  const name = options.as ?? (env.SIGNALBOX_AS || undefined);
  if (name === undefined) return { person: nameFrom(userName) };
  if (nameFrom(name) === name) return { person: name };
  throw new Failure('usage', `${name} is no name: use 1-64 of a-z 0-9 . _ -`, {
    hint: `for example --as ${nameFrom(name)}`,
  });
}
