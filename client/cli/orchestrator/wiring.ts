// The coding agents of a workspace: which are on the PATH, which are wired, and wiring the others.
import { type RuntimeName, runtimeNames } from '../../setup/targets.js';
import { programPath, programs } from '../check/programs.js';
import type { Cli } from '../cli.js';
import { isWired, runSetup } from '../setup/run.js';
import { agreed } from '../setup/trust.js';

/** What was typed about it. */
export interface WiringAsk {
  runtime?: readonly RuntimeName[];
  yes?: boolean;
}

/** What comes of it: `told` for scripts, who get no questions, and `go` for people. */
export interface AgentWiring {
  told: { wired: readonly RuntimeName[]; unwired: readonly RuntimeName[] };
  go(): Promise<void>;
}

/** The agents whose programs are on the PATH. */
export async function agentsHere(env: NodeJS.ProcessEnv): Promise<RuntimeName[]> {
  const found = runtimeNames.map(async name => {
    const path = await programPath(programs[name].program, env);
    return path === undefined ? [] : [name];
  });
  return (await Promise.all(found)).flat();
}

/** Those of these agents that are wired, for their user or in the workspace. */
export async function wiredOf(
  cli: Cli,
  root: string,
  runtimes: readonly RuntimeName[],
): Promise<RuntimeName[]> {
  const looks = runtimes.map(async each => ((await isWired(cli, each, root)) ? [each] : []));
  return (await Promise.all(looks)).flat();
}

/** Wires what is named, or agreed to; a script that named some has them wired when it resolves. */
export async function wiringFor(cli: Cli, root: string, ask: WiringAsk): Promise<AgentWiring> {
  const { runtime, yes = false } = ask;
  const meant = runtime ?? (await agentsHere(cli.world.env));
  const wired = await wiredOf(cli, root, meant);
  const open = meant.filter(each => !wired.includes(each));
  const isAgreed = runtime !== undefined || yes;
  if (cli.terminal.format === 'people') {
    const go = () => goWith(cli, { wired, open, isAgreed, yes });
    return { told: { wired, unwired: open }, go };
  }
  if (!isAgreed) return { told: { wired, unwired: open }, go: async () => {} };
  const quiet = { ...cli, terminal: { ...cli.terminal, many: async () => {} } };
  for (const each of open) await runSetup(quiet, each, { yes });
  return { told: { wired: [...wired, ...open], unwired: [] }, go: async () => {} };
}

interface Going {
  wired: readonly RuntimeName[];
  open: readonly RuntimeName[];
  isAgreed: boolean;
  yes: boolean;
}

async function goWith(cli: Cli, { wired, open, isAgreed, yes }: Going): Promise<void> {
  const { terminal } = cli;
  if (wired.length > 0) terminal.say(`wired already: ${wired.join(', ')}`);
  if (wired.length + open.length === 0) {
    terminal.say('no coding agent is on the PATH; wire one with: signalbox setup <runtime>');
  }
  if (open.length === 0) return;
  const question = `Wire ${open.join(', ')} to Signalbox? [y/N] `;
  if (isAgreed || (await agreed(cli, question))) {
    for (const each of open) await runSetup(cli, each, { yes });
    return;
  }
  for (const each of open) terminal.say(`not wired yet: signalbox setup ${each}`);
}
