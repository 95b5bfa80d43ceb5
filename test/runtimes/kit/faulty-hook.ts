// A hook program that meets a fault as it writes mail: killed before, killed after, or too slow.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/** What lies ready in a home is met by the first hook that writes mail, once. */
export const faults = ['killed before', 'killed after', 'slow before', 'slow after'] as const;
export type Fault = (typeof faults)[number];

/** Where it lies ready. */
export const FAULT_FILE = 'hook-fault';

const SLOW_MS = 30_000;
const MAIL = 'Mail from Signalbox';

function taken(): string | undefined {
  const file = join(process.env.HOME ?? '', FAULT_FILE);
  const mine = `${file}-${process.pid}`;
  try {
    fs.renameSync(file, mine);
    return fs.readFileSync(mine, 'utf8');
  } catch {
    return undefined;
  }
}

function meet(fault: string): void {
  if (fault.startsWith('killed')) process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_MS);
}

if (process.argv.includes('hook')) {
  const write = fs.writeSync as (...args: unknown[]) => number;
  const isMail = ([stream, bytes]: readonly unknown[]) => {
    return stream === 1 && Buffer.from(bytes as Buffer).includes(MAIL);
  };
  const faulty = (...args: unknown[]) => {
    const fault = isMail(args) ? taken() : undefined;
    if (fault?.endsWith('before')) meet(fault);
    const written = write(...args);
    if (fault?.endsWith('after')) meet(fault);
    return written;
  };
  fs.writeSync = faulty as typeof fs.writeSync;
  syncBuiltinESMExports();
}
