#!/usr/bin/env node
// The command line's door: parses, runs one verb, and exits with the code that tells how it went.
import { CommanderError } from 'commander';
import { exits } from '../terminal/exit.js';
import { selfCommand } from '../terminal/paste.js';
import { plainArguments } from './argv.js';
import type { World } from './cli.js';
import { endWith } from './end.js';
import { makeProgram } from './program.js';
import { endOnErrors, endOnSignals } from './reach/ending.js';
import { surroundings } from './reach/surroundings.js';

const { stdout, stderr, argv } = process;
// Who started us may close either pipe at any time; a write then fails, and that is enough.
let world: World | undefined;
stdout.on('error', () => {});
stderr.on('error', () => {});
const [verb, ...rest] = argv.slice(2);
if (verb === 'hook' && !rest.includes('--help') && !rest.includes('-h')) {
  // A wrong word of it must not end as one of another verb does: hosts read the code.
  import('./hook/hook-process.js').then(({ runAsProcess }) => runAsProcess(rest));
} else {
  endOnSignals(stderr);
  endOnErrors(end);
  run(argv.slice(2)).then(code => process.exit(code));
}

async function run(given: string[]): Promise<number> {
  try {
    world = surroundings();
    const words = plainArguments(given);
    await makeProgram(world, words).parseAsync(words, { from: 'user' });
    // A verb that ran another program ends as that did.
    return Number(process.exitCode ?? exits.ok);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exits.ok;
    return end(error);
  }
}

function end(error: unknown): number {
  const options = argv.slice(2, argv.indexOf('--') >>> 0);
  const json = options.includes('--json') || options.includes('--jsonl');
  return endWith(error, {
    stderr,
    env: process.env,
    json,
    isDebug: process.env.SIGNALBOX_LOG === 'debug',
    ...(world && { self: selfCommand(world) }),
  });
}
