// Another program fills the disk to its last byte: commands are refused, and all heals by itself.
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { type Test, test } from 'tap';
import { connect, join, type Person } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { uuid } from '../dsl/raw-client.js';
import { readLog } from '../dsl/watch.js';
import { natsPid, spawnBroker } from './hosts.js';

const ROOM = 'size=48m';

/** A small disk of its own, or why there can be none. */
async function smallDisk(t: Test): Promise<string | Error> {
  const disk = joinPath(await tempDir(t), 'disk');
  await mkdir(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', ROOM, 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    return error as Error;
  }
  t.teardown(() => execFileSync('umount', ['-l', disk]));
  return disk;
}

/** Takes every byte that is left. */
async function fill(file: string): Promise<void> {
  for (const bytes of [1 << 20, 4_096, 1]) {
    const part = Buffer.alloc(bytes, 1);
    try {
      for (;;) await writeFile(file, part, { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

/** Says something; its position, or what was answered instead. */
async function say({ guest }: Person, said: number[]): Promise<string> {
  const params = { id: uuid(), text: 'x'.repeat(4_000) };
  const answer = await guest.call('peer.describe', params).catch((error: Error) => error);
  if (answer instanceof Error) return answer.message;
  said.push(Number(answer.position));
  return 'ok';
}

async function sayUntil(person: Person, said: number[], wanted: RegExp): Promise<string> {
  for (;;) {
    const answer = await say(person, said);
    if (wanted.test(answer)) return answer;
  }
}

test('a full disk refuses with a sentence, loses nothing, and heals with the space', async t => {
  const disk = await smallDisk(t);
  if (disk instanceof Error) {
    t.comment(`no small disk can be mounted here, so none is filled: ${disk.message}`);
    return;
  }
  const dataDir = joinPath(disk, 'data');
  const filler = joinPath(disk, 'filler');
  const broker = await spawnBroker(t, dataDir);
  const ann = await join(t, broker, 'ann');
  const said: number[] = [];
  for (let n = 0; n < 10; n++) await say(ann, said);

  await fill(filler);
  await sayUntil(ann, said, /disk that holds the log is full: free some space/);
  await rm(filler);
  await sayUntil(ann, said, /^ok$/);
  t.pass('it heals with no person at hand');

  await fill(filler);
  await sayUntil(ann, said, /disk that holds the log is full/);
  process.kill(natsPid(dataDir), 'SIGKILL');
  await broker.kill('SIGKILL');
  await rm(filler);
  const again = await spawnBroker(t, dataDir);
  const guest = await connect(t, again);
  const there = new Set((await readLog(guest)).map(([position]) => position));
  t.same(
    said.filter(position => !there.has(position)),
    [],
    `all ${said.length} acknowledged events are there after a kill -9 on the full disk`,
  );
});
