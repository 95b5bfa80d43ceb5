#!/usr/bin/env node
// The command line's door: parses, runs one verb, and exits with the code that tells how it went.
import { homedir, userInfo } from 'node:os';
import { CommanderError } from 'commander';
import type { World } from './cli.js';
import { endWith } from './end.js';
import { exits } from './exit.js';
import { loneWait } from './options.js';
import { makeProgram } from './program.js';

const world: World = {
  env: process.env,
  home: homedir(),
  userName: userName(),
  directory: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
};

const args = loneWait(process.argv.slice(2));
process.exit(await run(args));

async function run(args: string[]): Promise<number> {
  try {
    await makeProgram(world).parseAsync(args, { from: 'user' });
    return exits.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.ok : exits.usage;
    const options = args.slice(0, args.indexOf('--') >>> 0);
    const json = options.includes('--json') || options.includes('--jsonl');
    return endWith(error, { stderr: process.stderr, json });
  }
}

/** A user id without a name, as containers have, is no reason to fail. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
