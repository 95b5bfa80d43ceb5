// The verb orchestrator persona: by which words an orchestrator speaks, and where they are.
import { join } from 'node:path';
import { columnLines } from '../../terminal/columns.js';
import { Failure } from '../../terminal/exit.js';
import { workspaceOf } from '../../workspace/find.js';
import type { Persona, PersonaPlace } from '../../workspace/personas.js';
import type { Act, Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';

type Group = Parameters<CliVerb>[0];

interface NewOptions {
  global?: boolean;
}

export const persona: CliVerb = (parent, act) => {
  const group = parent
    .command('persona')
    .description('choose by which words the orchestrator of a workspace speaks');
  group
    .command('list')
    .description('show every persona, those of this workspace before your own; * is in use')
    .addHelpText('after', examples('signalbox orchestrator persona list'))
    .action(act(list));
  reading(group, act);
  group
    .command('use')
    .description('have SOUL.md name a persona, in a marked block; all else in it stays')
    .argument('<name>', 'as persona list shows them')
    .addHelpText('after', examples('signalbox orchestrator persona use calm'))
    .action(act(use));
  group
    .command('clear')
    .description('take that block out of SOUL.md, which is then what it was before')
    .addHelpText('after', examples('signalbox orchestrator persona clear'))
    .action(act(clear));
  group
    .command('new')
    .description('make a persona from a template, and print its file')
    .argument('<name>', '1-64 of a-z 0-9 . _ -')
    .option('--global', 'for all workspaces of yours, not for this one')
    .addHelpText(
      'after',
      examples(
        'signalbox orchestrator persona new calm',
        '$EDITOR "$(signalbox orchestrator persona new calm --global)"',
      ),
    )
    .action(act(make));
};

function reading(group: Group, act: Act): void {
  group
    .command('show')
    .description('print the words of a persona')
    .argument('[name]', 'default: the one in use')
    .addHelpText('after', examples('signalbox orchestrator persona show'))
    .action(act(show));
  group
    .command('path')
    .description('print where the file of a persona is')
    .argument('[name]', 'default: the one in use')
    .addHelpText('after', examples('$EDITOR "$(signalbox orchestrator persona path)"'))
    .action(
      act(async (cli: Cli, name?: string) => {
        const { path } = (await meant(cli, name)).persona;
        await cli.terminal.one({ path }, () => [path]);
      }),
    );
}

async function list(cli: Cli): Promise<void> {
  const { listPersonas } = await import('../../workspace/personas.js');
  const { terminal } = cli;
  const rows = listPersonas(placeOf(cli)).map(rowOf);
  const lines = () =>
    columnLines(
      [
        { head: '', of: ({ used }) => (used ? '*' : '') },
        { head: 'NAME', of: ({ name }) => name },
        { head: 'OF', of: ({ of }) => of },
        { head: 'SHADOWED', of: ({ shadowed }) => (shadowed ? 'yes' : ''), isOptional: true },
        { head: 'FILE', of: ({ path }) => path },
      ],
      rows,
      terminal.width,
    );
  await terminal.many(rows, lines, 'no personas: signalbox orchestrator persona new NAME');
}

function rowOf({ name, isGlobal, isUsed, isShadowed, path }: Persona) {
  const of = isGlobal ? 'you' : 'workspace';
  return { name, of, used: isUsed, shadowed: isShadowed, path };
}

async function show(cli: Cli, name?: string): Promise<void> {
  const { wordsOf } = await import('../../workspace/personas.js');
  const { persona, place } = await meant(cli, name);
  const found = wordsOf(place, persona);
  if (found === undefined || 'fault' in found) {
    const fault = found?.fault ?? 'it is not there';
    throw new Failure('failed', `cannot read ${persona.path}: ${fault}`);
  }
  const { terminal } = cli;
  const { text, isWhole } = found;
  if (!isWhole) terminal.say(`only its beginning: ${persona.path} is longer than what is read`);
  const told = JSON.stringify({ ...rowOf(persona), text });
  await terminal.out(terminal.format === 'people' ? terminal.text(text.trimEnd()) : told);
}

/** The persona of a name, or the one in use. */
async function meant(cli: Cli, name?: string): Promise<{ persona: Persona; place: PersonaPlace }> {
  const { findPersona, usedIn } = await import('../../workspace/personas.js');
  const place = placeOf(cli);
  const wanted = name ?? usedIn(place)?.name;
  if (wanted !== undefined) return { persona: findPersona(place, wanted), place };
  throw new Failure('unknown', 'no persona is in use here', {
    hint: 'name one, or choose one: signalbox orchestrator persona use NAME',
  });
}

async function use(cli: Cli, name: string): Promise<void> {
  const { demandWriter, workspaceHere } = await import('./here.js');
  const { findPersona, usePersona } = await import('../../workspace/personas.js');
  const workspace = workspaceHere(cli);
  const found = findPersona(placeOf(cli), name);
  await demandWriter(cli);
  const isChanged = usePersona(workspace, found);
  const line = `${name}${isChanged ? '' : ', as before'}   (${found.path})`;
  await cli.terminal.one({ ...rowOf({ ...found, isUsed: true }), changed: isChanged }, () => [
    line,
  ]);
  cli.terminal.hint('a session is told at its next start, or when it is cleared or compacted');
}

async function clear(cli: Cli): Promise<void> {
  const { demandWriter, workspaceHere } = await import('./here.js');
  const { clearPersona } = await import('../../workspace/personas.js');
  const workspace = workspaceHere(cli);
  await demandWriter(cli);
  const name = clearPersona(workspace);
  const line = name === undefined ? 'no persona was in use' : `${name} is not in use any more`;
  await cli.terminal.one({ ...(name && { name }), changed: name !== undefined }, () => [line]);
}

async function make(cli: Cli, name: string, { global: isGlobal = false }: NewOptions) {
  const { demandWriter, workspaceHere } = await import('./here.js');
  const { demandName, newPersona } = await import('../../workspace/personas.js');
  demandName(name);
  if (!isGlobal) workspaceHere(cli);
  await demandWriter(cli);
  const path = newPersona(placeOf(cli), name, isGlobal, templateOf(name));
  await cli.terminal.one({ name, path }, () => [path]);
}

/** Questions that a persona answers; comments are shown to no model. */
function templateOf(name: string): string {
  return [
    `# ${name}`,
    '',
    '<!-- How the orchestrator speaks and decides: manners, no rights. It never outranks the',
    '     platform, or what you tell it. Comments are not shown to the model. -->',
    '',
    '- Tone:',
    '- What it says first:',
    '- What it decides alone, and what it asks about:',
    '- What it never does:',
    '',
  ].join('\n');
}

function placeOf({ world, paths }: Cli): PersonaPlace {
  return { workspace: workspaceOf(world.directory), global: globalIn(paths) };
}

/** A user without a home keeps none. */
function globalIn(paths: Cli['paths']): string | undefined {
  try {
    return join(paths.config, 'personas');
  } catch {
    return undefined;
  }
}
