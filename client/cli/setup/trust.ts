// Trust in the hooks of Codex: asked of its user once the commands were shown, or told how to give.
import { createInterface } from 'node:readline/promises';
import {
  type CodexHook,
  type CodexPlace,
  codexHooks,
  TRUST_STEP,
} from '../../setup/codex-hooks.js';
import { placeOf, trustHooks } from '../../setup/codex-trust.js';
import type { SetupChange } from '../../setup/setup.js';
import type { Cli } from '../cli.js';

/** What may be typed about it. */
export interface TrustOptions {
  trust?: boolean;
  yes?: boolean;
}

/** What Codex makes of the hooks that a change is about; undefined where it cannot be asked. */
export async function trustOf(cli: Cli, change: SetupChange): Promise<CodexHook[] | undefined> {
  const place = placeOf(change, cli.world.env, cli.world.directory);
  return place && codexHooks(place);
}

/** Has them trusted where their user agrees; else says the step that is left. */
export async function settleTrust(
  cli: Cli,
  change: SetupChange,
  { trust, yes }: TrustOptions,
): Promise<void> {
  const place = placeOf(change, cli.world.env, cli.world.directory);
  const hooks = place && (await codexHooks(place));
  const { format } = cli.terminal;
  // A script reads the rows, and asks for what stands by --check.
  const say = (line: string) => (format === 'people' ? cli.terminal.say(line) : undefined);
  if (place === undefined || hooks === undefined) {
    return say(`Codex passes over new hooks in silence, and none here can be asked: ${TRUST_STEP}`);
  }
  const open = hooks.filter(({ standing }) => standing !== 'trusted');
  if (open.length === 0) return say('Codex trusts these hooks');
  const commands = [...new Set(open.map(({ command }) => command))];
  say('Codex passes over hooks until you trust them; these are to run at its events:');
  for (const command of commands) say(`  ${command}`);
  if (!(trust || yes || (await agreed(cli, 'Trust them? [y/N] '))))
    return say(`not trusted: ${TRUST_STEP}`);
  const left = await settled(place, change, hooks);
  if (left === 0) say('Codex trusts these hooks now');
  else say(`Codex does not yet trust ${left ?? 'all'} of them: ${TRUST_STEP}`);
}

/** How many are not trusted then; undefined where Codex does not tell. */
async function settled(place: CodexPlace, change: SetupChange, hooks: readonly CodexHook[]) {
  const now = await trustHooks(change, place, hooks);
  return now?.filter(({ standing }) => standing !== 'trusted').length;
}

/** Whether a person says yes: only one at a terminal is asked. */
export async function agreed({ world, terminal }: Cli, question: string): Promise<boolean> {
  const { stdin, stderr } = world;
  const isPerson = (stdin as { isTTY?: boolean }).isTTY === true && stderr.isTTY;
  if (!isPerson || terminal.format !== 'people') return false;
  const lines = createInterface({ input: stdin as NodeJS.ReadableStream, output: stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
