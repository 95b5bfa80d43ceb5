// The plugin of OpenCode as it lies in the bundle of this program.
import { readFileSync } from 'node:fs';
import { Failure } from '../terminal/exit.js';

/** Its text. A Failure where this program was not bundled. */
export function pluginText(): string {
  try {
    return readFileSync(new URL('../bundle/opencode.js', import.meta.url), 'utf8');
  } catch {
    throw new Failure('failed', 'this signalbox has no plugin for OpenCode beside it', {
      hint: 'install it anew; in a clone: npm run build',
    });
  }
}
