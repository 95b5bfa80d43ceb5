// The verb hook, which a coding agent runs at its events: its help alone, as `main.ts` runs it.
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

export const hook: CliVerb = program => {
  program
    .command('hook')
    .description('hand mail to the session of a coding agent, as one of its hooks')
    .argument('<runtime>', 'claude-code, codex or gemini')
    .argument('[event]', 'what happened, where stdin does not tell')
    .option('--shell', 'say how to answer by commands instead of by tools')
    .addHelpText('after', examples('signalbox hook claude-code', 'signalbox hook codex --shell'));
};
