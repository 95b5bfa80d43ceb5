// Programs that stand in for coding agents: small scripts on PATH that join by the real hooks.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { endProcesses } from '../../client/spawn/proof.js';
import { notedProcess, readRecords, spawnFolder } from '../../client/spawn/record.js';
import { type Inside, inside } from '../cli/inside.js';
import type { House } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';

const HOOK = fileURLToPath(new URL('../../client/cli/hook/main.js', import.meta.url));

/** Of the runtimes, each one is a kind of fate. */
const scripts = {
  /** Joins, is handed its mail, and stays; without a terminal it ends. */
  claude: `
export CLAUDECODE=1 STAND_IN=s$$
env > "$HOME/env-of-$SIGNALBOX_NAME"
hook SessionStart; hook UserPromptSubmit
[ "$1" = -p ] || sleep 600`,
  /** Ends at once. */
  codex: 'echo "no login: run codex login" >&2; exit 3',
  /** Asks something, and joins once that is answered. */
  gemini: `
echo "Do you trust this folder?"
while ! [ -e "$HOME/trusted" ]; do sleep 0.05; done
hook SessionStart
sleep 600`,
};

/** Why a test that needs a terminal is left out; false where there is tmux. */
export function noTmux(): string | false {
  return spawnSync('tmux', ['-V']).status === 0 ? false : 'no tmux here';
}

/** Somebody with a home, the stand-ins on PATH, and a folder for work that is allowed. */
export async function spawner(t: Test, house: Pick<House, 'ready'>) {
  const home = realpathSync(await tempDir(t));
  const bin = join(home, 'bin');
  for (const folder of ['bin', 'work']) mkdirSync(join(home, folder));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${hookFor(name)}\n${script}\n`, { mode: 0o755 });
  }
  const path = [bin, process.env.PATH].join(delimiter);
  const env = { PATH: path, HOME: home, XDG_STATE_HOME: join(home, 's') };
  const person = await inside(t, house, 'ada', { home, directory: join(home, 'work'), env });
  const as = (more: NodeJS.ProcessEnv, directory = join(home, 'work')): Promise<Inside> =>
    inside(t, house, 'ada', { home, directory, env: { ...env, ...more } });
  const socket = join(home, 's/signalbox/spawns/tmux.sock');
  t.teardown(async () => {
    // What still writes there would keep the folder from going.
    for (const { spawn } of readRecords(join(home, 's/signalbox'))) {
      const root = notedProcess(spawnFolder(join(home, 's/signalbox'), spawn));
      if (root !== undefined) await endProcesses(spawn, root, { end_ms: 0 });
    }
    try {
      execFileSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' });
    } catch {
      // None was started, or all have ended.
    }
  });
  return { home, person, as, socket, state: join(home, 's/signalbox'), work: join(home, 'work') };
}

/** Runs our hook program as that runtime would, with a session for each process. */
function hookFor(name: string): string {
  const runtime = name === 'claude' ? 'claude-code' : name;
  const fields = '"session_id":"s%s","cwd":"%s","hook_event_name":"%s","prompt":"%s"';
  const say = `printf '{${fields},"source":"startup"}' "$$" "$PWD" "$1" "$last"`;
  const run = `'${process.execPath}' '${HOOK}' ${runtime}`;
  return `for last; do :; done\nhook() { ${say} | ${run} >> "$HOME/said-$SIGNALBOX_NAME"; }`;
}
