// The fuzz: hostile frames to every parameter of every method, beside an honest client.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { newShell, upIn } from '../cli/shell.js';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import { houseOf, join, type Person } from '../dsl/live-broker.js';
import { breath, PATIENCE_MS, until } from '../dsl/until.js';
import { callers, hangUpOn } from './fuzz-actors.js';
import type { HangUp, Run } from './fuzz-caller.js';
import { FrameSource, targets } from './fuzz-frames.js';
import { Known } from './plausible.js';

/** `node build/test/gateway/fuzz.test.js 1000000` for the whole of it. */
const FRAMES = Number(process.argv[2] ?? 20_000);
const TOLD_FRAMES = Math.max(2_000, FRAMES / 20);
/** Words of a broker that met a fault of its own. */
const FAULTS = /failed inside|the broker failed|could not be|a write failed|planted/;

t.test(`${FRAMES} hostile frames end nothing, leak nothing, and are all answered`, async t => {
  const { child, ready } = await upIn(await newShell(t));
  const said: string[] = [];
  child.stderr!.on('data', chunk => said.push(String(chunk)));
  const house = houseOf(ready);
  const chance = chanceFrom(seedOf(t));
  const run: Run = {
    house,
    chance,
    known: new Known(),
    hungUp: new Set(),
    faults: [],
    answered: 0,
    left: FRAMES,
    waiting: new Set(),
  };
  const honest = await join(t, house, 'honest', { circle: 'honest' });
  // The worker of the timeline opens files of its own once the broker serves.
  type Health = { index?: { sequence: number } };
  const index = async () => (await honest.guest.call<Health>('mesh.health')).index;
  await until(async () => ((await index())?.sequence ?? 0) > 0);
  const before = { files: await openFiles(child.pid!), rss: await rss(child.pid!) };
  const began = performance.now();
  const source = new FrameSource(chance, run.known);
  const all = Promise.all(callers(run, source)).then(() => hangUpOn(run, unhung(run)));
  const served = serve(honest, run);
  await Promise.race([all, watch(t, run, child)]);
  const latencies = await served;
  const seconds = (performance.now() - began) / 1_000;

  t.comment(`${FRAMES} frames in ${seconds.toFixed(1)} s, ${run.answered} answers awaited`);
  t.comment(`the honest client: ${inWords(latencies)}`);
  t.same([...new Set(run.faults)], [], 'no call failed inside the broker, or had two answers');
  t.same(
    said
      .join('')
      .split('\n')
      .filter(line => FAULTS.test(line)),
    [],
    'nor did it say so',
  );
  t.same([child.exitCode, child.signalCode], [null, null], 'it is the same process');
  t.match(await honest.guest.call('mesh.info'), { head: String }, 'and it answers');
  t.equal(source.covered.size, targets.length, 'every parameter of every method had its turn');
  t.same(unhung(run), [], 'every method was hung up on before, between and after its answers');

  const connections = () => metric(run, 'signalbox_connections');
  await until(async () => (await connections()) === 1);
  await until(async () => (await openFiles(child.pid!)) <= before.files + 8);
  const after = { files: await openFiles(child.pid!), rss: await rss(child.pid!) };
  t.comment(`open files ${before.files} → ${after.files}, memory ${before.rss} → ${after.rss} MB`);
  t.ok(after.rss < before.rss + 512 + FRAMES / 1_000, 'memory is that of what was kept');
});

/** Fails when nothing is answered any more, or the broker is gone. */
async function watch(t: Test, run: Run, child: { exitCode: number | null }): Promise<never> {
  let seen = -1;
  let told = 0;
  for (let looks = 0; looks < PATIENCE_MS / 10; looks++) {
    await breath();
    if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}`);
    const progress = run.answered - run.left;
    if (progress !== seen) looks = 0;
    seen = progress;
    // Whoever watches from outside sees that it goes on.
    if (FRAMES - run.left < told + TOLD_FRAMES) continue;
    told = FRAMES - run.left;
    t.comment(`${told} frames`);
  }
  const waiting = [...run.waiting].flatMap(calls => [...calls.values()]);
  throw new Error(`never answered: ${waiting.join(' ')}`);
}

/** Speaks and looks as anybody would while the run lasts; how long each took, in ms. */
async function serve(honest: Person, run: Run): Promise<number[]> {
  const latencies: number[] = [];
  while (run.left > 0) {
    const began = performance.now();
    await honest.guest.command('peer.describe', { text: `${latencies.length} calls so far` });
    await honest.guest.call('peer.whoami');
    latencies.push((performance.now() - began) / 2);
    await breath();
  }
  return latencies.sort((a, b) => a - b);
}

function inWords(latencies: readonly number[]): string {
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)]?.toFixed(1);
  const many = `${latencies.length} pairs of calls`;
  return `${many}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

const moments: readonly HangUp[] = ['before', 'between', 'after'];

function unhung({ hungUp }: Run): { method: string; when: HangUp }[] {
  const methods = [...new Set(targets.map(({ method }) => method))];
  const all = methods.flatMap(method => moments.map(when => ({ method, when })));
  return all.filter(({ method, when }) => !hungUp.has(`${method} ${when}`));
}

async function metric({ house }: Run, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${house.token}` };
  const text = await (await fetch(`${house.ready.url}/metrics`, { headers })).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}

/** 0 where the system does not show them. */
async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

/** In MB. */
async function rss(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Math.round(Number(stdout) / 1_024);
}
