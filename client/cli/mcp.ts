// The verb mcp: serves the tools of an agent's session over the Model Context Protocol, on stdio.
import { InvalidArgumentError, Option } from 'commander';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';
import { nameFrom } from './reach/who.js';

interface Options {
  name?: string;
  tools: 'few' | 'full';
}

export const mcp: CliVerb = (program, act) => {
  program
    .command('mcp')
    .description('serve the tools of Signalbox to a coding agent, by MCP on stdin and stdout')
    .option('--name <name>', 'what the session is called on the mesh (default: its folder)', named)
    .addOption(
      new Option('--tools <which>', 'nine tools and a way to the rest, or all at once')
        .choices(['few', 'full'])
        .default('few'),
    )
    .addHelpText(
      'after',
      examples(
        'signalbox mcp',
        'signalbox mcp --name api --circle web',
        'signalbox mcp --tools full',
      ),
    )
    .action(
      act(async (cli, { name, tools }: Options) => {
        // Loaded late: no other verb needs the SDK of MCP.
        const { serve } = await import('./mcp/serve.js');
        await serve(cli, { isFull: tools === 'full', ...(name && { name }) });
      }),
    );
};

function named(text: string): string {
  if (nameFrom(text) === text) return text;
  throw new InvalidArgumentError(`Use 1-64 of a-z 0-9 . _ -, for example ${nameFrom(text)}.`);
}
