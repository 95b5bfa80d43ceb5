// The work of the verb setup, loaded when it is typed: no other needs the editors.
import type { ApprovalTerms } from '../../runtimes/approvals/terms.js';
import { approvalNotes } from '../../setup/approvals.js';
import type { CodexHook } from '../../setup/codex-hooks.js';
import { ownFileDiff, unifiedDiff } from '../../setup/diff.js';
import { readSettings } from '../../setup/files.js';
import { approvalsIn } from '../../setup/kept-approvals.js';
import type { Standing } from '../../setup/plan.js';
import { programWords } from '../../setup/program-words.js';
import { recordsFile } from '../../setup/records.js';
import { applySetup, type FilePlan, planSetup, type SetupChange } from '../../setup/setup.js';
import { type Ground, type RuntimeName, settingsOf } from '../../setup/targets.js';
import { Failure } from '../../terminal/exit.js';
import type { Cli } from '../cli.js';
import { demandContext, LOCAL } from '../config/contexts.js';
import { wantedApprovals } from './approvals.js';
import { settleTrust, trustOf } from './trust.js';

/** What may be typed behind the verb. */
export interface SetupOptions {
  project?: boolean;
  user?: boolean;
  check?: boolean;
  remove?: boolean;
  dryRun?: boolean;
  allowTools?: boolean;
  trust?: boolean;
  yes?: boolean;
  approvals?: boolean;
  approver?: string;
  approveTools?: string[];
  deadline?: number;
}

/** Writes, checks, shows or removes what a runtime is given. */
export async function runSetup(
  cli: Cli,
  runtime: RuntimeName,
  options: SetupOptions,
): Promise<void> {
  const { user, project, check, remove, dryRun } = options;
  if (user && project) throw new Failure('usage', 'either --user or --project, not both');
  if (check && (remove || dryRun)) {
    throw new Failure('usage', '--check goes with neither --remove nor --dry-run');
  }
  const { change, next } = await changeOf(cli, runtime, options);
  if (dryRun) return show(cli, await planSetup(change));
  // Codex keeps trust with its user, and for the files of this machine.
  const isCodex = runtime === 'codex' && !project;
  if (check) {
    const plans = await planSetup(change);
    return judge(cli, runtime, plans, isCodex ? await trustOf(cli, change) : undefined);
  }
  const done = await applySetup(change);
  await tell(cli, done, remove ? removed : written);
  if (remove) return;
  if (isCodex) await settleTrust(cli, change, options);
  if (cli.terminal.format === 'people') for (const line of next) cli.terminal.say(line);
}

/**
 * Whether a runtime has all that setup gives it, for its user or in a project; of an earlier setup
 * or changed by hand is there too. False where its settings cannot be read.
 */
export async function isWired(cli: Cli, runtime: RuntimeName, project: string): Promise<boolean> {
  const inProject = { ...cli, world: { ...cli.world, directory: project } };
  const looks = [false, true].map(async isProject => {
    const { change } = await changeOf(inProject, runtime, { project: isProject });
    const items = (await planSetup(change)).flatMap(plan => plan.items);
    return items.every(({ standing }) => standing !== 'missing');
  });
  const found = await Promise.allSettled(looks);
  return found.some(look => look.status === 'fulfilled' && look.value);
}

async function changeOf(cli: Cli, runtime: RuntimeName, options: SetupOptions) {
  const { world, paths } = cli;
  const { env, home, directory } = world;
  if (home === undefined) {
    throw new Failure('failed', 'this user has no home directory', { hint: 'set HOME' });
  }
  const called = programWords(world);
  const ground = {
    env,
    home,
    ...(options.project && { project: directory }),
    words: called.words,
    more: boundTo(cli),
    allowsTools: options.allowTools ?? false,
  };
  const approvals = await approvalsOf(runtime, ground, options);
  const { targets, next } = settingsOf[runtime]({ ...ground, approvals });
  const isRemoval = options.remove ?? false;
  const mode = options.project ? 0o644 : 0o600;
  const change: SetupChange = { targets, isRemoval, records: recordsFile(paths.state), mode };
  const notes = approvals === undefined ? [] : approvalNotes(approvals);
  return { change, next: [...pathNotes(called, options), ...next, ...notes] };
}

/** What was asked for, or as a setup before this one left it. */
async function approvalsOf(
  runtime: RuntimeName,
  ground: Ground,
  options: SetupOptions,
): Promise<ApprovalTerms | undefined> {
  const wanted = wantedApprovals(runtime, options);
  if (wanted !== 'as before') return wanted;
  const files = settingsOf[runtime](ground).targets.filter(({ format }) => format === 'json');
  const texts = await Promise.all(files.map(({ path }) => readSettings(path)));
  return texts.map(({ text }) => approvalsIn(text)).find(found => found !== undefined);
}

/** A broker that was typed is written down; what else decides is heard when a session runs. */
function boundTo({ choice, paths }: Cli): string[] {
  const { context, by } = choice;
  if (context === undefined || by !== '--context') return [];
  if (context !== LOCAL) demandContext(paths.config, context);
  return ['--context', context];
}

/** What holds only as long as files stay where they are is said. */
function pathNotes(
  { isNamed, isFleeting, words }: ReturnType<typeof programWords>,
  { project }: SetupOptions,
) {
  if (isNamed) return [];
  const where = words.join(' ');
  const note = `signalbox is not on PATH, so it is called as ${where}: set up anew if that moves`;
  const shared = 'these paths are of this machine: for a shared project put signalbox on PATH';
  const npx = 'npx keeps it in a cache: install it for good with npm install -g signalbox';
  return [note, ...(project ? [shared] : []), ...(isFleeting ? [npx] : [])];
}

const written: Readonly<Record<Standing, string>> = {
  right: 'is right',
  missing: 'written',
  older: 'brought up to date',
  changed: 'had been changed by hand: written anew, a copy lies beside it',
  kept: 'is not as setup wrote it: left as it is; move it away and set up anew',
  surplus: 'removed, no longer used',
};

const removed: Readonly<Record<Standing, string>> = {
  ...written,
  older: 'removed',
  changed: 'had been changed by hand: removed, a copy lies beside it',
  kept: 'was not written by setup: left as it is',
};

const found: Readonly<Record<Standing, string>> = {
  right: 'right',
  missing: 'missing',
  older: 'of an earlier setup',
  changed: 'changed by hand',
  kept: 'changed by hand, or of somebody else',
  surplus: 'no longer used',
};

function rowsOf(plans: readonly FilePlan[]) {
  return plans.flatMap(({ path, items }) => items.map(item => ({ file: path, ...item })));
}

function tell(
  { terminal }: Cli,
  plans: readonly FilePlan[],
  words: Readonly<Record<Standing, string>>,
): Promise<void> {
  const told = plans.filter(({ items }) => items.length > 0);
  return terminal.many(rowsOf(plans), () => linesOf(told, words), 'nothing of Signalbox is there');
}

function linesOf(plans: readonly FilePlan[], words: Readonly<Record<Standing, string>>): string[] {
  return plans.flatMap(({ path, items }) => [
    path,
    ...items.map(({ what, standing }) => `  ${what}: ${words[standing]}`),
  ]);
}

async function judge(
  cli: Cli,
  runtime: RuntimeName,
  plans: readonly FilePlan[],
  hooks: readonly CodexHook[] = [],
): Promise<void> {
  const trust = hooks.map(({ key, event, standing }) => ({
    file: key,
    what: `trust in ${event}`,
    standing,
  }));
  const told = plans.filter(({ items }) => items.length > 0);
  const lines = () => [
    ...linesOf(told, found),
    ...trust.map(({ what, standing }) => `  ${what}: ${standing}`),
  ];
  const rows = [...rowsOf(plans), ...trust];
  await cli.terminal.many(rows, lines, 'nothing of Signalbox is there');
  const isRight = (standing: string) => standing === 'right' || standing === 'trusted';
  const wrong = rows.filter(({ standing }) => !isRight(standing)).length;
  if (wrong === 0) return;
  throw new Failure('failed', `${wrong} ${wrong === 1 ? 'entry is' : 'entries are'} not right`, {
    hint: rowsOf(plans).every(({ standing }) => isRight(standing))
      ? `have them trusted: signalbox setup ${runtime} --trust`
      : `write them with: signalbox setup ${runtime}`,
  });
}

function show({ terminal }: Cli, plans: readonly FilePlan[]): Promise<void> {
  const changes = plans.map(plan => ({
    file: plan.path,
    diff:
      plan.format === 'own' ? ownFileDiff(plan) : unifiedDiff(plan.path, plan.before, plan.after),
  }));
  const some = changes.filter(({ diff }) => diff.length > 0);
  return terminal.many(
    some.map(({ file, diff }) => ({ file, diff: diff.join('\n') })),
    () => some.flatMap(({ diff }) => diff),
    'nothing to change',
  );
}
