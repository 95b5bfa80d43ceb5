// Whether the files that hold secrets are this user's alone, and made so when told to.
import { chmod, stat } from 'node:fs/promises';
import { why } from '../../terminal/why.js';
import { type Finding, fault, well } from './finding.js';

export interface SecretFile {
  what: string;
  path: string;
  /** 0o600 for a file, 0o700 for a directory. */
  mode: number;
}

/** One finding for each file that is there. */
export async function checkFiles(files: readonly SecretFile[], fix: boolean): Promise<Finding[]> {
  const looks = files.map(async ({ what, path, mode }) => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    const bits = found.mode & 0o777;
    const detail = `${path} has mode ${octal(bits)}`;
    if ((bits & ~mode) === 0) return well(what, detail);
    const wrong = fault(what, `${detail}: others may look in`, `chmod ${octal(mode)} '${path}'`);
    return fix ? mend(wrong, path, mode) : wrong;
  });
  return (await Promise.all(looks)).filter(finding => finding !== undefined);
}

async function mend(wrong: Finding, path: string, mode: number): Promise<Finding> {
  try {
    await chmod(path, mode);
    return { ...well(wrong.what, `${path} has mode ${octal(mode)} now`), fixed: true };
  } catch (error) {
    return { ...wrong, detail: `${wrong.detail}; ${why(error)}` };
  }
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
