// The verb config: shows and changes the file of options that need not be typed again.
import { columnLines } from '../terminal/columns.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import type { Act, Cli, CliVerb } from './cli.js';
import { configKeys, faultOf, isKey, type KeyName, keyNames } from './config/keys.js';
import { demandSound, projectFile, settingOf, userFile } from './config/settings.js';
import { examples } from './options.js';

interface Options {
  project?: boolean;
}

export const config: CliVerb = (program, act) => {
  const group = program.command('config').description('keep options that you repeat in a file');
  group
    .command('list')
    .description('show every key, what it is set to, and where')
    .addHelpText('after', examples('signalbox config list'))
    .action(act(list));
  group
    .command('get')
    .description('print what a key is set to')
    .argument('<key>', 'as config list shows them')
    .addHelpText('after', examples('signalbox config get port'))
    .action(act(get));
  changing(group, act);
  group
    .command('path')
    .description('print where the file is')
    .option('--project', 'the file of the project in this folder')
    .addHelpText('after', examples('signalbox config path', '$EDITOR "$(signalbox config path)"'))
    .action(
      act((cli, { project = false }: Options) => {
        const { file } = fileOf(cli, project);
        return cli.terminal.one({ file }, () => [file]);
      }),
    );
};

function changing(group: Parameters<CliVerb>[0], act: Act): void {
  group
    .command('set')
    .description('set a key; comments and all other lines stay')
    .argument('<key>', 'as config list shows them')
    .argument('<value>', 'what it is to be')
    .option('--project', 'in the file of the project in this folder')
    .addHelpText(
      'after',
      examples('signalbox config set port 7118', 'signalbox config set context prod --project'),
    )
    .action(
      act((cli, typed: string, value: string, { project = false }: Options) =>
        change(cli, keyOf(typed), value, project),
      ),
    );
  group
    .command('unset')
    .description('take a key out of the file')
    .argument('<key>', 'as config list shows them')
    .option('--project', 'out of the file of the project in this folder')
    .addHelpText('after', examples('signalbox config unset port'))
    .action(
      act((cli, typed: string, { project = false }: Options) =>
        change(cli, keyOf(typed), undefined, project),
      ),
    );
}

async function change(
  cli: Cli,
  key: KeyName,
  value: string | undefined,
  isProject: boolean,
): Promise<void> {
  const { setKey } = await import('./config/write.js');
  const file = fileOf(cli, isProject);
  const isChanged = await setKey(file, key, value);
  const set = value === undefined ? 'not set' : oneLine(value, 200);
  const told = { key, ...(value !== undefined && { value }), file: file.file, changed: isChanged };
  const line = `${key}: ${set}${isChanged ? '' : ', as before'}   (${file.file})`;
  await cli.terminal.one(told, () => [line]);
}

function fileOf({ world }: Cli, isProject: boolean) {
  const file = isProject ? projectFile(world.directory) : userFile(world);
  if (file !== undefined) return { file, isProject };
  throw new Failure('failed', 'this user has no home directory to keep a config file in', {
    hint: 'set HOME, or XDG_CONFIG_HOME, to a directory of your own',
  });
}

function keyOf(typed: string): KeyName {
  if (isKey(typed)) return typed;
  const { message, hint } = faultOf(typed, '', false) ?? { message: typed, hint: '' };
  throw new Failure('usage', message, { hint });
}

async function get({ terminal, settings }: Cli, typed: string): Promise<void> {
  const key = keyOf(typed);
  demandSound(settings);
  const found = settingOf(settings, key);
  if (found === undefined) {
    throw new Failure('unknown', `${key} is not set`, {
      hint: `set it with: signalbox config set ${key} …`,
    });
  }
  await terminal.one({ key, ...found }, () => [oneLine(found.value, 4_096)]);
}

async function list({ terminal, settings }: Cli): Promise<void> {
  for (const { fault } of settings) if (fault) terminal.say(fault.message);
  const rows = keyNames.map(key => ({
    key,
    what: configKeys[key].what,
    ...settingOf(settings, key),
  }));
  const lines = () =>
    columnLines(
      [
        { head: 'KEY', of: ({ key }) => key },
        { head: 'VALUE', of: ({ value }) => (value === undefined ? '–' : oneLine(value, 60)) },
        { head: 'WHAT', of: ({ what }) => what },
        { head: 'FILE', of: ({ file }) => file ?? '' },
      ],
      rows,
      terminal.width,
    );
  await terminal.many(rows, lines, 'no keys');
  demandSound(settings);
}
