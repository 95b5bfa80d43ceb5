// Opens a browser at a link that nobody else may see, also not in the list of processes.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Screen {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** A directory of this user's own. */
  directory: string;
}

/**
 * True once a browser has been asked to open `url`; false when there is no screen or no browser.
 * What is started is given a file of this user's alone, which leads on: arguments are for
 * everybody on the machine to read, and the code in the link is good for whoever is first.
 */
export async function openBrowser(url: string, screen: Screen): Promise<boolean> {
  const [program, ...words] = browserOf(screen);
  if (program === undefined) return false;
  const file = await linkFile(url, screen.directory).catch(() => undefined);
  if (file === undefined) return false;
  const child = spawn(program, [...words, file], {
    env: screen.env,
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return new Promise(resolve => {
    child.once('spawn', () => resolve(true)).once('error', () => resolve(false));
  });
}

function browserOf({ env, platform }: Screen): string[] {
  const [named] = (env.BROWSER ?? '').split(':');
  if (named) return [named];
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['explorer.exe'];
  // Without a screen xdg-open would start a browser of text in this very terminal.
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : [];
}

/** One file, written anew each time: what it held before is spent. */
async function linkFile(url: string, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'open.html');
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const to = url.replace(/["&<>]/g, character => `&#${character.charCodeAt(0)};`);
  const page = [
    '<!doctype html><meta charset="utf-8"><title>Signalbox</title>',
    '<meta name="referrer" content="no-referrer">',
    `<meta http-equiv="refresh" content="0;url=${to}">`,
    `<a href="${to}">Open Signalbox</a>`,
  ];
  await writeFile(draft, `${page.join('\n')}\n`, { mode: 0o600 });
  await rename(draft, file);
  return file;
}
