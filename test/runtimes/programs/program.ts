// The agent program under test: where it comes from, how it is set up and started, what it can do.
import type { RuntimeName } from '../../../client/setup/targets.js';
import type { Sandbox } from '../kit/sandbox.js';
import type { ToolUse } from '../model/dialect.js';

/** How a session is to begin. */
export interface Beginning {
  prompt: string;
  /** Whether it goes on with the last session of its folder. */
  isResumed: boolean;
  /** Whether its hooks were changed since setup had its user look at them. */
  isRewired: boolean;
}

/** What a program can be told from outside, and what becomes of mail meanwhile. */
export interface Abilities {
  /** An idle session begins a turn for mail. */
  wakes: boolean;
  /** The scenes in a terminal are played. */
  terminal: boolean;
  /** Its hooks are commands, which can be killed, be late, be there twice, or be a rival's. */
  commandHooks: boolean;
  /** It runs subagents that fire hooks. */
  delegates: boolean;
}

/** All that differs between the runtimes. */
export interface Program {
  name: RuntimeName;
  npm: string;
  version: string;
  /** In which API it asks its model. */
  dialect: string;
  abilities: Abilities;
  /** The program and its first words, in the folder of an install. */
  command(dir: string): readonly string[];
  env(box: Sandbox, modelUrl: string): NodeJS.ProcessEnv;
  /** What its user types behind `signalbox setup NAME`. */
  setup?: readonly string[];
  /** Says where the model is, and answers the questions of a first run. */
  prepare(box: Sandbox, modelUrl: string): void;
  /** A folder is trusted, as its user would say when asked. */
  trust(box: Sandbox, folder: string): void;
  /** Another hook than ours, by its event: what a user may have beside it. */
  addHook?(box: Sandbox, event: string, command: string): void;
  /** How long our hooks are given, in seconds, instead of what setup wrote. */
  limitHooks?(box: Sandbox, timeout_s: number): void;
  /** The words of one run without a terminal. */
  headless(beginning: Beginning): readonly string[];
  /** The words of a session in a terminal. */
  interactive(): readonly string[];
  /** What a terminal shows when it takes a prompt. */
  isReady: RegExp;
  /** The event before each prompt of its user. */
  promptEvent: string;
  /** The events at which mail is handed over. */
  events: readonly string[];
  /** How its model runs a shell command, a tool of ours, or a subagent. */
  shell(command: string): ToolUse;
  tool(name: string, input: object): ToolUse;
  errand?(task: string): ToolUse;
}
