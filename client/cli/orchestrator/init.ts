// The verb orchestrator init: makes the folder in which an orchestrator works; overwrites nothing.
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { makeFolders } from '../../setup/owner.js';
import { type RuntimeName, runtimeNames } from '../../setup/targets.js';
import { Failure } from '../../terminal/exit.js';
import { quoted } from '../../terminal/paste.js';
import { why } from '../../terminal/why.js';
import type { PartPlan } from '../../workspace/plan.js';
import type { Cli, CliVerb } from '../cli.js';
import { readSettings, settingOf } from '../config/settings.js';
import { examples } from '../options.js';
import { folderOf } from '../reach/folder.js';
import { nameFrom } from '../reach/who.js';

interface Options {
  dryRun?: boolean;
  name?: string;
  runtime?: RuntimeName[];
  setup: boolean;
  yes?: boolean;
}

export const init: CliVerb = (group, act) => {
  const runtimes = new Option('--runtime <name...>', 'wire these agents (default: those on PATH)');
  group
    .command('init')
    .description('make a folder for an orchestrator; nothing that is there is overwritten')
    .argument('<dir>', 'the folder: a new one, or one in which you keep other things')
    .option('--dry-run', 'show what would be made; write nothing')
    .option(
      '--name <name>',
      'the name under which its session joins (default: the folder)',
      sessionName,
    )
    .addOption(runtimes.choices(runtimeNames))
    .option('--no-setup', 'wire no agent')
    .option('-y, --yes', 'answer yes to every question')
    .addHelpText(
      'after',
      examples(
        'signalbox orchestrator init ~/orchestrator',
        'signalbox orchestrator init ~/orchestrator --name boss --runtime claude-code',
        'signalbox orchestrator init . --dry-run',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string, options: Options): Promise<void> {
  const { newPlace } = await import('../../workspace/place.js');
  const { isToDo, makeWorkspace, planWorkspace, renameWorkspace } = await import(
    '../../workspace/make.js'
  );
  const { clearDeadDrafts } = await import('../../workspace/disk.js');
  const { holdsWords } = await import('../../workspace/accepted.js');
  const { readMarker } = await import('../../workspace/marker.js');
  const { faultyIn, tellParts } = await import('./told.js');
  const { demandWhole } = await import('./update.js');
  const { directory, home } = cli.world;
  const { dryRun: isDryRun = false, name } = options;
  const root = newPlace(typed, directory, home);
  const marker = readMarker(root);
  const { circle } = cli.options;
  const ask = { root, marker, ...(name && { name }), ...(circle && { circle }) };
  // One that was made is brought up to date by another verb; one that was cut off is completed.
  const isMade = marker !== undefined && marker.pending.length === 0;
  const isWriting = !isMade && !isDryRun;
  const isAllOurs = isWriting && !holdsWords(root);
  if (isWriting) makeFolder(root);
  const plans = isWriting ? makeWorkspace(ask) : planWorkspace(ask);
  if (isMade && !isDryRun) clearDeadDrafts(root);
  if (isMade && !isDryRun && name !== undefined) renameWorkspace(root, marker, name);
  if (!isDryRun) {
    const { accept } = await import('./here.js');
    accept(cli, root, isAllOurs);
  }
  const { wiringFor } = await import('./wiring.js');
  const wiring = isDryRun || !options.setup ? undefined : await wiringFor(cli, root, options);
  await tellParts(
    cli,
    plans,
    { root, isDryRun, isIdle: isMade, withDiffs: isDryRun },
    wiring?.told,
  );
  const isToldAll = cli.terminal.format === 'people';
  if (isMade && isToldAll) tellMade(cli, root, plans.filter(isToDo).length);
  await wiring?.go();
  if (isToldAll) tellNext(cli, root, plans, isDryRun);
  demandWhole(faultyIn(plans));
}

function makeFolder(root: string): void {
  try {
    makeFolders(root, 0o777);
  } catch (error) {
    throw new Failure('failed', `cannot make ${root}: ${why(error)}`);
  }
}

/** What is left to its user. */
function tellNext(cli: Cli, root: string, plans: readonly PartPlan[], isDryRun: boolean) {
  const { terminal, world } = cli;
  for (const path of ['CLAUDE.md', 'GEMINI.md']) {
    const { mine } = plans.find(plan => plan.path === path) ?? {};
    // Of two names for one file neither can load the other.
    if (plans.some(({ at }) => at === path)) continue;
    if (mine === undefined || /^@(\.\/)?AGENTS\.md\s*$/m.test(mine)) continue;
    terminal.say(`${path} does not load AGENTS.md: put @AGENTS.md on a line of its own there`);
  }
  if (isDryRun) return;
  const settings = readSettings({ ...world, directory: root });
  if (settingOf(settings, 'role')?.value !== 'orchestrator') {
    terminal.say('its .signalbox.yaml does not say role: orchestrator, so only a session that');
    terminal.say('signalbox orchestrator start has begun joins as one');
  }
  const isMade = plans.some(({ path, standing }) => path === 'comms.md' && standing === 'missing');
  if (!isMade) return;
  if (lstatSync(join(folderOf(root).top, '.git'), { throwIfNoEntry: false }) !== undefined) {
    terminal.say('this is a git repository: what only you should see goes into .gitignore, as');
    terminal.say('comms.md, projects.md and memory/');
  }
  terminal.say('next: say in comms.md and projects.md what you want, then');
  terminal.say(`signalbox orchestrator start ${quoted(root)}`);
}

function tellMade({ terminal }: Cli, root: string, open: number): void {
  terminal.say(`${root} is a workspace already; nothing in it was changed`);
  if (open === 0) return;
  const parts = open === 1 ? '1 part' : `${open} parts`;
  terminal.say(`${parts} to bring up to date: signalbox orchestrator update ${root}`);
}

function sessionName(text: string): string {
  if (nameFrom(text) === text) return text;
  throw new InvalidArgumentError('Use 1-64 of a-z 0-9 . _ - and begin with a letter or digit.');
}
