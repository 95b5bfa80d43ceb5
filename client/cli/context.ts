// The verb context: brokers elsewhere under names, with the files of their tokens.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { columnLines } from '../terminal/columns.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import type { Act, Cli, CliVerb } from './cli.js';
import {
  type BrokerContext,
  contextNames,
  demandContext,
  dropContext,
  findContext,
  isContextName,
  keepContext,
  keptTokenFile,
  LOCAL,
  readToken,
} from './config/contexts.js';
import { projectFile, userFile } from './config/settings.js';
import { examples } from './options.js';
import { checkedUrls, readSecret } from './reach/endpoint.js';
import { isLocal } from './reach/exposure.js';

export const context: CliVerb = (program, act) => {
  const group = program.command('context').description('name brokers elsewhere, and choose one');
  adding(group, act);
  group
    .command('use')
    .description('mean this broker from now on; local is the one that runs here')
    .argument('<name>', 'of context list, or local')
    .option('--project', 'in the project of this folder only')
    .addHelpText('after', examples('signalbox context use prod', 'signalbox context use local'))
    .action(act(use));
  group
    .command('list')
    .description('list them; the one that is meant here has a star')
    .addHelpText('after', examples('signalbox context list --json'))
    .action(act(list));
  group
    .command('show')
    .description('show which broker is meant here, and what says so')
    .argument('[name]', 'another one')
    .addHelpText('after', examples('signalbox context show'))
    .action(act(show));
  group
    .command('remove')
    .description('forget one, with the token that was kept for it')
    .argument('<name>', 'of context list')
    .addHelpText('after', examples('signalbox context remove prod'))
    .action(act(remove));
};

interface AddOptions {
  tokenStdin?: boolean;
  replace?: boolean;
}

const adding = (group: Parameters<CliVerb>[0], act: Act) =>
  group
    .command('add')
    .description('name a broker; its token is that of --token-file, or read from stdin')
    .argument('<name>', 'what you call it', nameOf)
    .argument('<url>', 'its address; several of one mesh with commas')
    .option('--token-stdin', 'read the token from stdin and keep it in a file (mode 0600)')
    .option('--replace', 'in the place of the one that is called so')
    .addHelpText(
      'after',
      examples(
        'signalbox context add prod https://box.lan --token-file prod.token',
        'ssh box.lan cat prod.token | signalbox context add prod https://box.lan --token-stdin',
      ),
    )
    .action(act(add));

function nameOf(text: string): string {
  if (isContextName(text)) return text;
  throw new InvalidArgumentError(
    'Use 1-64 of a-z 0-9 . _ - and begin with a letter or digit; local is taken.',
  );
}

async function add(cli: Cli, name: string, typed: string, options: AddOptions): Promise<void> {
  const { paths, world, terminal } = cli;
  const url = addressOf(typed);
  const tokenFile = cli.options.tokenFile;
  if ((tokenFile === undefined) === !options.tokenStdin) {
    throw new Failure('usage', 'say where its token is: either --token-file or --token-stdin', {
      hint: 'an operator makes one for you with: signalbox token create NAME --out FILE',
    });
  }
  const former = contextNames(paths.config).includes(name);
  if (former && !options.replace) {
    const same = findContext(paths.config, name);
    if (same?.url !== url || same.token_file !== tokenFile) {
      throw new Failure('conflict', `there is a context ${name} already`, {
        hint: `see it: signalbox context show ${name}   or write it anew with --replace`,
      });
    }
  }
  if (tokenFile !== undefined) await readSecret(tokenFile, 'token');
  const token = tokenFile === undefined ? await typedToken(cli) : undefined;
  const kept: BrokerContext = {
    name,
    url,
    token_file: tokenFile ?? resolve(world.directory, keptTokenFile(paths.config, name)),
  };
  keepContext(paths.config, kept, token);
  const open = url.split(',').find(each => isInClear(each));
  if (open !== undefined)
    terminal.say(`${open} is not https: whoever is on the way reads the token`);
  await terminal.one(kept, () => [`${name}: ${url}, token in ${kept.token_file}`]);
  terminal.hint(
    `try it: signalbox status --context ${name}   keep to it: signalbox context use ${name}`,
  );
}

/** A token on a screen would be seen by whoever looks on. */
function typedToken({ world }: Cli): Promise<string> {
  if (!world.stdin.isTTY) return readToken(world.stdin);
  throw new Failure('usage', 'stdin is a terminal, which would show the token', {
    hint: 'signalbox context add NAME URL --token-stdin < FILE',
  });
}

function addressOf(typed: string): string {
  const urls = checkedUrls(typed).map(url => url.replace(/\/+$/, ''));
  const told = urls.find(url => new URL(url).username !== '' || new URL(url).password !== '');
  if (told === undefined) return urls.join(',');
  throw new Failure('usage', 'an address holds no credentials', {
    hint: 'give the token as --token-file FILE, or on stdin with --token-stdin',
  });
}

function isInClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLocal(hostname.replace(/^\[|\]$/g, ''));
}

async function use(cli: Cli, name: string, { project = false }: { project?: boolean }) {
  const { paths, world, terminal } = cli;
  if (name !== LOCAL) demandContext(paths.config, nameHere(name));
  const { setKey } = await import('./config/write.js');
  const file = project ? projectFile(world.directory) : userFile(world);
  if (file === undefined) throw new Failure('failed', 'this user has no home directory');
  // A project may mean the broker here where its user means another one.
  const value = name === LOCAL && !project ? undefined : name;
  await setKey({ file, isProject: project }, 'context', value);
  await terminal.one({ context: name, file }, () => [`${name} is meant from now on   (${file})`]);
  const over = world.env.SIGNALBOX_URL ? 'SIGNALBOX_URL' : 'SIGNALBOX_CONTEXT';
  if (world.env[over]) terminal.say(`not in this shell: ${over} is heard before it`);
}

function nameHere(name: string): string {
  if (isContextName(name)) return name;
  throw new Failure('unknown', `there is no context ${oneLine(name, 64)}`, {
    hint: 'see what there is: signalbox context list',
  });
}

/** What is known of one; what is wrong with it is told, not thrown. */
function rowOf({ paths, options }: Cli, name: string) {
  const is_used = options.context === name;
  try {
    return { ...demandContext(paths.config, name), is_used };
  } catch (error) {
    return { name, is_used, fault: (error as Error).message };
  }
}

async function list(cli: Cli): Promise<void> {
  const { terminal, paths } = cli;
  const rows = contextNames(paths.config).map(name => rowOf(cli, name));
  const lines = () =>
    columnLines(
      [
        { head: 'CONTEXT', of: row => `${row.is_used ? '*' : ' '} ${row.name}` },
        { head: 'URL', of: row => ('url' in row ? row.url : row.fault) },
        { head: 'TOKEN', of: row => ('token_file' in row ? row.token_file : '') },
      ],
      rows,
      terminal.width,
    );
  await terminal.many(rows, lines, 'no contexts; make one with: signalbox context add');
}

async function show(cli: Cli, typed: string | undefined): Promise<void> {
  const { choice, options, paths, world, terminal } = cli;
  const name = typed === undefined ? options.context : nameHere(typed);
  const by = typed === undefined ? choice.by : undefined;
  const found =
    name === undefined || name === LOCAL ? undefined : demandContext(paths.config, name);
  const url = found?.url ?? options.url ?? (name === LOCAL ? undefined : world.env.SIGNALBOX_URL);
  const isNamed = found !== undefined || (url !== undefined && options.data === undefined);
  const told = {
    context: found?.name ?? (isNamed ? undefined : LOCAL),
    ...(isNamed ? { url } : { mesh: options.mesh }),
    ...(found && { token_file: found.token_file, token: tokenState(found.token_file) }),
    ...(typed === undefined && { by: by ?? 'nothing: it is what is meant by default' }),
  };
  const lines = () =>
    Object.entries(told).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key.padEnd(11)} ${oneLine(String(value), 500)}`],
    );
  await terminal.one(told, lines);
}

function tokenState(file: string): string {
  try {
    const found = statSync(file);
    if (!found.isFile()) return 'is no file';
    const mode = (found.mode & 0o777).toString(8);
    return (found.mode & 0o077) === 0 ? 'is there, yours alone' : `others may read it: 0${mode}`;
  } catch {
    return 'is not there';
  }
}

async function remove(cli: Cli, typed: string): Promise<void> {
  const { paths, world, terminal } = cli;
  const name = nameHere(typed);
  if (!dropContext(paths.config, name)) throw noContext(name);
  await terminal.one({ context: name, removed: true }, () => [`${name} is forgotten`]);
  const file = userFile(world);
  const own = cli.settings.find(layer => layer.file === file);
  if (file === undefined || own?.values.context !== name) return;
  const { setKey } = await import('./config/write.js');
  await setKey({ file, isProject: false }, 'context', undefined);
  terminal.say('it was the one in use: now the broker here is meant');
}

function noContext(name: string): Failure {
  return new Failure('unknown', `there is no context ${name}`, {
    hint: 'see what there is: signalbox context list',
  });
}
