// What this program ships for a workspace: templates and skills, plain files beside the bundle.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../terminal/exit.js';

/** One shipped file. */
export interface ShippedFile {
  /** Where it goes in a workspace, with `/` between the steps. */
  path: string;
  text: string;
}

/** Every template, by its path in a workspace, sorted. A Failure where they are not there. */
export function templates(): ShippedFile[] {
  return filesIn('templates').map(({ path, text }) => ({ path, text }));
}

/** Every file of every skill, by its path in a workspace, sorted. A Failure where none is there. */
export function skillFiles(): ShippedFile[] {
  return filesIn('skills').map(({ path, text }) => ({ path: `.agents/skills/${path}`, text }));
}

function filesIn(room: 'templates' | 'skills'): ShippedFile[] {
  // The bundle lies as deep as this file, once compiled.
  const home = fileURLToPath(new URL(`../workspace/${room}/`, import.meta.url));
  try {
    const found = readdirSync(home, { recursive: true, withFileTypes: true });
    const files = found
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name));
    const path = (file: string) => file.slice(home.length).replaceAll('\\', '/');
    return files.sort().map(file => ({ path: path(file), text: readFileSync(file, 'utf8') }));
  } catch {
    throw new Failure('failed', `this signalbox has no ${room} beside it`, {
      hint: 'install it anew; in a clone: npm run build',
    });
  }
}
