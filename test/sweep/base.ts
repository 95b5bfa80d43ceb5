// The data directories that a sweep damages: filled, stopped or killed, with an older copy of each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join as joinPath, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../../broker/main.js';
import { connect, type House, houseOf, join } from '../dsl/live-broker.js';
import { type Line, readLog } from '../dsl/watch.js';

export interface Base {
  /** As it was left: stopped cleanly, or killed with its server. */
  dir: string;
  /** The same directory a while before. */
  older: string;
  /** All that was acknowledged. */
  lines: Line[];
}

const script = fileURLToPath(new URL('../chaos/broker-host.js', import.meta.url));

/** Runs a broker in a process of its own while something is said; its log at the end. */
async function day(
  dataDir: string,
  natsBinary: string | undefined,
  end: 'stopped' | 'killed',
  say: (house: House) => Promise<void>,
): Promise<Line[]> {
  const changes = { dataDir, ...(natsBinary && { natsBinary }) };
  const child = spawn(process.execPath, [script, JSON.stringify(changes)], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, SIGNALBOX_LOG: 'fatal' },
  });
  const gone = once(child, 'exit');
  const [line] = await once(createInterface(child.stdout!), 'line');
  const ready = JSON.parse(line) as Ready;
  const house = houseOf(ready);
  await say(house);
  const lines = await logOf(house);
  if (end === 'killed') {
    process.kill(ready.nats_server!.pid, 'SIGKILL');
    child.kill('SIGKILL');
  } else child.stdin!.end();
  await gone;
  return lines;
}

export async function logOf(house: House): Promise<Line[]> {
  const guest = await connect(undefined, house);
  const lines = await readLog(guest);
  guest.hangUp();
  return lines;
}

/** `texts` of `chars` characters each, half of them before the older copy is made. */
export async function makeBase(
  root: string,
  end: 'stopped' | 'killed',
  { texts, chars, natsBinary }: { texts: number; chars: number; natsBinary?: string | undefined },
): Promise<Base> {
  const dir = joinPath(root, `${end}-${texts}-${chars}`);
  const older = `${dir}-older`;
  const talk = (name: string) => async (house: House) => {
    const ann = await join(undefined, house, name);
    for (let n = 0; n < texts / 2; n++) await ann.notify(ann.peer, `${n} `.repeat(chars / 4));
    ann.guest.hangUp();
  };
  await day(dir, natsBinary, 'stopped', talk('ann'));
  await cp(dir, older, { recursive: true });
  const lines = await day(dir, natsBinary, end, talk('bob'));
  return { dir, older, lines };
}

/** Every file of a directory, by its path in it, sorted. */
export async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(dir, joinPath(entry.parentPath, entry.name)))
    .sort();
}

/** The records of each block as they lie in the file, with the sequence of each. */
export async function recordsOf(dir: string): Promise<Map<number, Buffer>> {
  const records = new Map<number, Buffer>();
  for (const file of await filesIn(dir)) {
    if (!file.endsWith('.blk')) continue;
    const bytes = await readFile(joinPath(dir, file));
    for (let at = 0; at < bytes.length; ) {
      const end = at + (bytes.readUInt32LE(at) & 0x7fff_ffff);
      records.set(bytes.readUInt32LE(at + 4), bytes.subarray(at, end));
      at = end;
    }
  }
  return records;
}

export async function copied(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
}
