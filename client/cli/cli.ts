// One run of the command line: its streams, its options, and the broker it reaches when asked to.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Format, openTerminal, type Terminal } from '../terminal/terminal.js';
import { type Choice, chooseBroker } from './config/choice.js';
import { type Settings, settingOf } from './config/settings.js';
import { findSite } from './reach/endpoint.js';
import { type UserPaths, userPaths } from './reach/paths.js';
import { openReach, type Reach } from './reach/reach.js';
import { habitsIn, type Who, whoSpeaks } from './reach/who.js';
import type { Stdin } from './text.js';

/** The options that every verb takes. */
export interface GlobalOptions {
  url?: string;
  tokenFile?: string;
  as?: string;
  circle?: string;
  context?: string;
  mesh: string;
  data?: string;
  json?: boolean;
  jsonl?: boolean;
}

/** The same as they were typed. */
export type TypedOptions = Omit<GlobalOptions, 'mesh'> & { mesh?: string };

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
  /** Which broker is meant, and who said so. */
  readonly choice: Choice;
  /** What the config files say. */
  readonly settings: Settings;
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
export function openCli(world: World, typed: TypedOptions, settings: Settings): Cli {
  const choice = chooseBroker(typed, world.env, settings);
  const { mesh, context } = choice;
  const meant = { ...typed, ...placed(typed, world.directory), mesh };
  const options: GlobalOptions = context === undefined ? meant : { ...meant, context };
  const paths = userPaths(world.env, world.home);
  const format: Format = options.jsonl ? 'jsonl' : options.json ? 'json' : 'people';
  const env = coloured(world.env, settingOf(settings, 'color')?.value);
  const terminal = openTerminal({ ...world, env, format });
  const who = whoSpeaks(world, options.as, habitsIn(settings));
  if (world.doubt !== undefined) terminal.say(world.doubt);
  return {
    world,
    options,
    choice,
    settings,
    paths,
    terminal,
    who,
    reach: async () => {
      const site = await findSite({ ...options, ...choice }, world.env, paths);
      const { circle } = options;
      const state = () => paths.state;
      const { directory } = world;
      const { say } = terminal;
      return openReach({ site, who, state, directory, say, ...(circle && { circle }) });
    },
  };
}

/** Files named on the command line lie where the shell stands, even where that is gone. */
function placed({ data, tokenFile }: TypedOptions, directory: string) {
  return {
    ...(data !== undefined && { data: resolve(directory, data) }),
    ...(tokenFile !== undefined && { tokenFile: resolve(directory, tokenFile) }),
  };
}

/** The config file speaks where the environment does not. */
function coloured(env: NodeJS.ProcessEnv, color: string | undefined): NodeJS.ProcessEnv {
  if (env.NO_COLOR || env.FORCE_COLOR || color === undefined || color === 'auto') return env;
  return color === 'never' ? { ...env, NO_COLOR: '1' } : { ...env, FORCE_COLOR: '1' };
}
