// Starts the program of a spawn, once: in a terminal of tmux, or under a keeper without one.
import { spawn as spawnChild } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoted } from '../terminal/paste.js';
import { BOOT } from './proof.js';
import { hasBegun, type SpawnRecord } from './record.js';
import { openPane } from './tmux.js';

/** What tells whom a shell speaks for, and what belongs to one terminal. */
const DROPPED = new Set([
  ...['SIGNALBOX_PEER', 'SIGNALBOX_SECRET_FILE', 'SIGNALBOX_AS', 'SIGNALBOX_SPAWN'],
  ...['SIGNALBOX_NAME', 'SIGNALBOX_ROLE', 'SIGNALBOX_CIRCLE'],
  ...['TMUX', 'TMUX_PANE', 'TERM', 'COLUMNS', 'LINES', 'PWD', 'OLDPWD', 'SHLVL', '_'],
]);

/** The environment of a session that is spawned from this one, which has no mark of an agent. */
export function spawnEnv(
  env: NodeJS.ProcessEnv,
  { spawn, name, role, circle }: SpawnRecord,
  broker: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const isKept = (key: string) => !DROPPED.has(key) && !key.startsWith('GIT_');
  const given = Object.entries(env).filter(([key]) => isKept(key) && !(key in broker));
  const own = { SIGNALBOX_SPAWN: spawn, SIGNALBOX_NAME: name, SIGNALBOX_ROLE: role };
  const all = [...given, ...Object.entries({ ...broker, ...own, SIGNALBOX_CIRCLE: circle })];
  const said = all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return Object.fromEntries(said);
}

/** What a start is made with. */
export interface Launch {
  folder: string;
  record: SpawnRecord;
  words: readonly string[];
  env: Readonly<Record<string, string>>;
  /** How this program is called, to keep a session that has no terminal. */
  self: readonly [node: string, file: string];
}

/** Starts it where nobody has. A call that was killed may be made again. */
export async function launch(start: Launch): Promise<void> {
  const { folder, record } = start;
  if (hasBegun(folder)) return;
  if (record.mode === 'detached') return startKeeper(start);
  const script = join(folder, 'run.sh');
  // What it says stands in no list of processes; it removes itself as it is read.
  writeFileSync(script, scriptOf(start, script), { mode: 0o600 });
  const kept = ['TERM', 'TMUX', 'TMUX_PANE'].map(name => `${name}="$${name}"`).join(' ');
  const { spawn, name, path: cwd } = record;
  // It bears its id from its first moment.
  const line = `exec env -i SIGNALBOX_SPAWN=${spawn} ${kept} /bin/sh ${quoted(script)}`;
  await openPane(record.socket ?? '', { spawn, name, cwd, line });
}

/** Of two that are started, the second ends; then the shell becomes the program. */
function scriptOf({ folder, record, words, env }: Launch, script: string): string {
  const isName = (name: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  const given = Object.entries(env).filter(([name]) => isName(name));
  const file = (name: string) => quoted(join(folder, name));
  return [
    'PATH=/usr/bin:/bin',
    `rm -f -- ${quoted(script)}`,
    `mkdir ${file('begun')} || exit 97`,
    // Its start too, which tells it from a later process of that number.
    ...['stat= boot=', 'read -r stat 2>/dev/null < /proc/$$/stat'],
    `read -r boot 2>/dev/null < ${BOOT}`,
    `printf '%s\\n' "$$" "$stat" "$boot" > ${file('pid')}`,
    ...given.map(([name, value]) => `export ${name}=${quoted(value)}`),
    `cd -- ${quoted(record.path)} || exit 96`,
    `exec ${[record.program, ...words].map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

function startKeeper({ folder, record, words, env, self: [node, file] }: Launch): void {
  const log = openSync(join(folder, 'keeper.log'), 'a', 0o600);
  try {
    const all = [file, 'spawn', 'keep', record.spawn, '--', ...words];
    const stdio = ['ignore', log, log] as const;
    const child = spawnChild(node, all, {
      ...{ cwd: record.path, env: { ...env }, detached: true, stdio: [...stdio] },
    });
    child.on('error', () => {});
    child.unref();
  } finally {
    closeSync(log);
  }
}
