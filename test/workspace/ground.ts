// The ground on which workspaces are made in tests: trees by path, before a command and after it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { MARKER } from '../../client/workspace/find.js';
import { type Inside, inside } from '../cli/inside.js';
import { tempDir } from '../dsl/nats.js';

const NOBODY = { ready: { url: 'http://127.0.0.1:9', token_file: '/none' } } as never;

/** By path, what a file says, where a link leads (`-> x`), or that it is a folder or a pipe. */
export type Tree = Readonly<Record<string, string | Buffer>>;
export const FOLDER = '<folder>';
export const PIPE = '<pipe>';

export interface Ground extends Inside {
  /** A folder `ws` of a home, which is there only if it has something in it. */
  root: string;
  /** All that lies in it, but for what is ours to keep. */
  tree(): Record<string, string>;
  write(tree: Tree): void;
  /** Runs a verb of the orchestrator on it, wiring nothing. */
  init(...more: string[]): ReturnType<Inside['run']>;
  update(...more: string[]): ReturnType<Inside['run']>;
  /** Makes of a part that is shipped one of an earlier signalbox, untouched. */
  age(path: string, text: string): void;
}

/** Somebody without any agent on the PATH. */
export async function ground(
  t: Test,
  before: Tree = {},
  env: NodeJS.ProcessEnv = {},
): Promise<Ground> {
  const home = await realpath(await tempDir(t));
  const root = join(home, 'ws');
  const shell = await inside(t, NOBODY, 'ada', {
    ...{ home, env: { HOME: home, PATH: '', ...env } },
  });
  plant(root, before);
  return {
    ...shell,
    root,
    tree: () => treeIn(root),
    write: tree => plant(root, tree),
    init: (...more) => shell.run(['orchestrator', 'init', 'ws', '--no-setup', ...more]),
    update: (...more) => shell.run(['orchestrator', 'update', 'ws', ...more]),
    age: (path, text) => age(root, path, text),
  };
}

function plant(root: string, tree: Tree): void {
  for (const [path, what] of Object.entries(tree)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (what === FOLDER) mkdirSync(file, { recursive: true });
    else if (what === PIPE) execFileSync('mkfifo', [file]);
    else if (String(what).startsWith('-> ')) symlinkSync(String(what).slice(3), file);
    else writeFileSync(file, what);
  }
}

/** What lies below a folder, but for `.signalbox/`. */
export function treeIn(root: string): Record<string, string> {
  const found = readdirSync(root, { recursive: true, withFileTypes: true });
  const entries = found.map(entry => {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(root.length + 1);
    if (entry.isSymbolicLink()) return [path, `-> ${readlinkSync(file)}`] as const;
    if (entry.isDirectory()) return [path, FOLDER] as const;
    return [path, entry.isFile() ? readFileSync(file, 'latin1') : PIPE] as const;
  });
  const isKept = ([path]: readonly [string, string]) => !/^\.signalbox(\/|$)/.test(path);
  return Object.fromEntries(entries.filter(isKept).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function markerIn(root: string) {
  return JSON.parse(readFileSync(join(root, MARKER), 'utf8'));
}

function age(root: string, path: string, text: string): void {
  const file = join(root, path);
  const marker = markerIn(root);
  const shipped = readFileSync(file, 'utf8');
  const block = /^(<!-- signalbox: begin[^\n]*\n).*?(<!-- signalbox: end -->\n)/ms;
  const isBlock = block.test(shipped);
  writeFileSync(file, isBlock ? shipped.replace(block, (_, a, b) => `${a}${text}${b}`) : text);
  marker.parts[path] = [createHash('sha256').update(text).digest('hex')];
  writeFileSync(join(root, MARKER), JSON.stringify(marker));
}
