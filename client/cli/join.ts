// The verb join: takes part under a name and a role; the first word that is said joins by itself.
import { Option } from 'commander';
import type { Role } from '../../schemas/common.js';
import { limits } from '../../schemas/limits.js';
import { Failure } from '../terminal/exit.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';

interface Options {
  role?: Role;
  project?: string;
  path?: string;
  runtime?: string;
  model?: string;
  machine?: string;
  description?: string;
}

const roles: readonly Role[] = ['agent', 'orchestrator', 'service', 'human'];
const bounds: Record<Exclude<keyof Options, 'role'>, number> = {
  project: limits.label_chars,
  path: limits.path_chars,
  runtime: limits.label_chars,
  model: limits.label_chars,
  machine: limits.label_chars,
  description: limits.description_bytes,
};

export const join: CliVerb = (program, act) => {
  program
    .command('join')
    .description('take part as a peer, named by --as, in the circle given by --circle')
    .addOption(
      new Option(
        '--role <role>',
        'what you are (default: agent in a coding agent’s shell, else human)',
      ).choices(roles),
    )
    .option('--project <name>', 'what you work on (default: the repository, else the directory)')
    .option('--runtime <name>', 'the program you run in, as Codex (default: the agent’s shell)')
    .option('--model <name>', 'the model you run on')
    .option('--machine <name>', 'where you run (default: this machine’s name)')
    .option('--path <dir>', 'where you work (default: this directory)')
    .option('--description <text>', 'what you are doing, for a while')
    .addHelpText(
      'after',
      examples(
        'signalbox join',
        'signalbox join --as ada --circle web',
        'signalbox join --as boss --role orchestrator --model opus',
      ),
    )
    .action(
      act(async (cli, options: Options) => {
        const wish = checked(options);
        const { circle } = cli.options;
        const reach = await cli.reach();
        const call = reach.join({ ...wish, ...(circle && { circle }) });
        const { secret: _, ...told } = await cli.terminal.during('joining', call);
        const profile = (await reach.person())?.profile;
        const who = profile && { role: profile.role, circle: profile.circle };
        const as = who === undefined ? '' : `, ${who.role} in circle ${who.circle},`;
        const line = `you are ${told.name}${as} on ${reach.site.mesh ?? reach.site.url}`;
        await cli.terminal.one({ ...told, ...who }, () => [`${line} (${told.peer})`]);
      }),
    );
};

function checked(options: Options): Options {
  for (const [name, most] of Object.entries(bounds)) {
    const text = options[name as keyof typeof bounds];
    if (text === undefined || Buffer.byteLength(text) <= most) continue;
    throw new Failure('usage', `--${name} is too long: ${most} characters are the most`);
  }
  return options;
}
