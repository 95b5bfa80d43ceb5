// The verb completion: the script that lets a shell complete our verbs, and what that script asks.
import { Argument } from 'commander';
import type { CliVerb } from './cli.js';
import { completionScripts, type Shell, shells } from './completion/scripts.js';
import { examples } from './options.js';

export const completion: CliVerb = (program, act) => {
  program
    .command('completion')
    .description('print the script by which a shell completes verbs, options, names and ids')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .argument('[typed...]', 'behind --: what was typed so far, to print what may follow')
    .addHelpText(
      'after',
      examples(
        'echo \'eval "$(signalbox completion bash)"\' >> ~/.bashrc',
        'signalbox completion zsh > ~/.zfunc/_signalbox',
        'signalbox completion fish > ~/.config/fish/completions/signalbox.fish',
      ),
    )
    .action(
      act(async (cli, shell: Shell, typed: string[]) => {
        if (typed.length === 0) return cli.terminal.out(completionScripts[shell].trimEnd());
        const { complete } = await import('./completion/complete.js');
        await complete(cli, program, shell, typed);
      }),
    );
};
