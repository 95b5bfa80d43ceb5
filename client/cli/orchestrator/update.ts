// The verb orchestrator update: brings what is shipped up to date, and leaves what people changed.
import { relative, resolve, sep } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import type { PartPlan } from '../../workspace/plan.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';

interface Options {
  dryRun?: boolean;
  diff?: boolean;
  take?: string[];
  keep?: string[];
  restore?: string[];
}

export const update: CliVerb = (group, act) => {
  group
    .command('update')
    .description('bring what is shipped for a workspace up to date; what you changed stays')
    .argument('[dir]', 'the workspace (default: that in which you stand)')
    .option('--dry-run', 'show what would be done; write nothing')
    .option('--diff', 'also show what you changed where nothing newer is shipped')
    .option('--take <path...>', 'take these as shipped; a copy of yours stays beside them')
    .option('--keep <path...>', 'stay with yours, and hear no more of what is shipped now')
    .option('--restore <path...>', 'bring back what you removed: a file, or a folder of them')
    .addHelpText(
      'after',
      examples(
        'signalbox orchestrator update',
        'signalbox orchestrator update ~/orchestrator --dry-run --diff',
        'signalbox orchestrator update --take comms.md',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string | undefined, options: Options): Promise<void> {
  const { workspacePlace } = await import('../../workspace/place.js');
  const { makeWorkspace, planWorkspace } = await import('../../workspace/make.js');
  const { readMarker } = await import('../../workspace/marker.js');
  const { faultyIn, tellParts } = await import('./told.js');
  const { dryRun: isDryRun = false, diff: withDiffs = false } = options;
  const { directory } = cli.world;
  const root = workspacePlace(typed, directory);
  const marker = readMarker(root);
  const known = planWorkspace({ root, marker });
  const meant = (paths: string[] = []) => pathsMeant(paths, known, { root, directory });
  const ask = {
    ...{ root, marker },
    ...{ take: meant(options.take), keep: meant(options.keep), restore: meant(options.restore) },
  };
  const plans = isDryRun ? planWorkspace(ask) : makeWorkspace(ask);
  if (!isDryRun) {
    const { accept } = await import('./here.js');
    accept(cli, root, false);
  }
  await tellParts(cli, plans, { root, isDryRun, isIdle: false, withDiffs });
  for (const { path, standing, isTaken, after } of plans) {
    if (!ask.take.has(path) || isTaken || after !== undefined || standing === 'right') continue;
    cli.terminal.say(`${path} was not taken: move it away, then --restore ${path}`);
  }
  const left = plans.find(({ standing, path }) => standing === 'differs' && !ask.keep.has(path));
  if (left !== undefined && cli.terminal.format === 'people') {
    cli.terminal.say(`take what is shipped: signalbox orchestrator update --take ${left.path}`);
    cli.terminal.say(`or stay with yours: signalbox orchestrator update --keep ${left.path}`);
  }
  demandWhole(faultyIn(plans));
}

/** Throws a Failure where a part could not be written. */
export function demandWhole(faulty: readonly PartPlan[]): void {
  const [first] = faulty;
  if (first === undefined) return;
  const what = faulty.length === 1 ? '1 part was' : `${faulty.length} parts were`;
  throw new Failure('failed', `${what} left: ${first.path}: ${first.why ?? 'not to be written'}`, {
    hint: 'mend that, then: signalbox orchestrator update',
  });
}

/** The parts that were typed, each by its own path or that of a folder. A Failure for others. */
function pathsMeant(
  typed: readonly string[],
  plans: readonly PartPlan[],
  { root, directory }: { root: string; directory: string },
): Set<string> {
  const found = typed.map(each => {
    const paths = [each, relative(root, resolve(directory, each)).split(sep).join('/')];
    const plain = paths.map(path => path.replace(/^\.\/|\/+$/g, ''));
    const those = plans.filter(({ path }) =>
      plain.some(one => path === one || path.startsWith(`${one}/`)),
    );
    if (those.length > 0) return those.map(({ path }) => path);
    throw new Failure('usage', `${each} is no part that is shipped`, {
      hint: 'see what there is: signalbox orchestrator update --dry-run',
    });
  });
  return new Set(found.flat());
}
