// One run of the command line: its streams, its options, and the broker it reaches when asked to.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Format, openTerminal, type Terminal } from '../terminal/terminal.js';
import { findSite } from './reach/endpoint.js';
import { type UserPaths, userPaths } from './reach/paths.js';
import { openReach, type Reach } from './reach/reach.js';
import { type Who, whoSpeaks } from './reach/who.js';
import type { Stdin } from './text.js';

/** The options that every verb takes. */
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

/** Where the process stands, and for whom. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** Absent when this user has none. */
  home?: string;
  /** What is not as it should be outside, to be said once. */
  doubt?: string;
  userName: string;
  directory: string;
}

/** The world outside, as the process finds it. */
export interface World extends Surroundings {
  /** What runs: node, and the file of this program. */
  program: readonly [node: string, file: string];
  stdin: Stdin;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** What a verb works with. */
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
export type CliVerb = (program: Command, act: Act) => void;

/** Opens the streams and says who speaks; no broker is reached yet. */
export function openCli(world: World, given: GlobalOptions): Cli {
  const options = { ...given, ...placed(given, world.directory) };
  const paths = userPaths(world.env, world.home);
  const format: Format = options.jsonl ? 'jsonl' : options.json ? 'json' : 'people';
  const terminal = openTerminal({ ...world, format });
  const who = whoSpeaks(world, options.as);
  if (world.doubt !== undefined) terminal.say(world.doubt);
  return {
    world,
    options,
    paths,
    terminal,
    who,
    reach: async () => {
      const site = await findSite(options, world.env, paths);
      const { circle } = options;
      const state = () => paths.state;
      const { directory } = world;
      const { say } = terminal;
      return openReach({ site, who, state, directory, say, ...(circle && { circle }) });
    },
  };
}

/** Files named on the command line lie where the shell stands, even where that is gone. */
function placed({ data, tokenFile }: GlobalOptions, directory: string) {
  return {
    ...(data !== undefined && { data: resolve(directory, data) }),
    ...(tokenFile !== undefined && { tokenFile: resolve(directory, tokenFile) }),
  };
}
