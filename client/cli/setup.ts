// The verb setup: puts Signalbox into the settings of a coding agent, and takes it out again.
import { Argument } from 'commander';
import { type RuntimeName, runtimeNames } from '../setup/targets.js';
import type { CliVerb } from './cli.js';
import { examples, seconds } from './options.js';
import type { SetupOptions } from './setup/run.js';

export const setup: CliVerb = (program, act) => {
  program
    .command('setup')
    .description('wire a coding agent to Signalbox: its hooks and its MCP server')
    .addArgument(new Argument('<runtime>', 'the agent').choices(runtimeNames))
    .option('--user', 'in the settings of this user, for all projects (the default)')
    .option('--project', 'in the settings of the project in this folder')
    .option('--check', 'say what is right, missing or changed; write nothing')
    .option('--remove', 'take out what setup wrote, every other byte as it was')
    .option('--dry-run', 'show the changes as a diff; write nothing')
    .option('--allow-tools', 'let the agent call the tools of Signalbox without asking')
    .option('--trust', 'of codex: have it trust the hooks that are shown, without a question')
    .option('-y, --yes', 'answer yes to every question')
    .option('--approvals', 'ask people far away where the agent would ask its user (off)')
    .option('--no-approvals', 'stop that')
    .option('--approver <name>', 'of approvals: the one person to ask, by name or id')
    .option('--approve-tools <pattern...>', "of approvals: only these, as 'Bash(git *)' mcp__x__*")
    .option('--deadline <time>', 'of approvals: denied after this, 10s to 24h (5m)', seconds)
    .addHelpText(
      'after',
      examples(
        'signalbox setup claude-code',
        'signalbox setup codex --dry-run',
        'signalbox setup gemini --check',
        'signalbox setup claude-code --approvals --approver ada',
        'signalbox setup claude-code --remove',
      ),
    )
    .action(
      act(async (cli, runtime: RuntimeName, options: SetupOptions) => {
        const { runSetup } = await import('./setup/run.js');
        await runSetup(cli, runtime, options);
      }),
    );
};
