// What becomes of one damaged directory: ready and whole, or refused by name and cured by a person.
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptLoss, type RunningBroker, start } from '../../broker/main.js';
import { houseOf, startConfig } from '../dsl/live-broker.js';
import type { Line } from '../dsl/watch.js';
import { type Base, copied, filesIn, logOf, recordsOf } from './base.js';
import type { Damage } from './damages.js';

export interface Verdict {
  damage: string;
  /** `whole`, or the name of the refusal. */
  end: string;
  /** The longest start of this damage, in ms. */
  ms: number;
  /** What is not as it must be; empty when all is well. */
  faults: string[];
}

const BOUND_MS = 30_000;
const SECRETS = ['secret_damaged', 'secret_unusable', 'token_unusable'];

export async function judge(
  base: Base,
  damage: Damage,
  work: string,
  natsBinary?: string,
): Promise<Verdict> {
  await copied(base.dir, work);
  await damage.to(work);
  const verdict: Verdict = { damage: damage.name, end: '', ms: 0, faults: [] };
  const before = await blocksOf(work);
  const broker = await started(work, natsBinary, verdict);
  if (broker !== undefined) {
    verdict.end = 'whole';
    const lines = await logOf(houseOf(broker.ready));
    await broker.close();
    if (!isPrefix(base.lines, lines)) verdict.faults.push('ready, but not whole');
    return verdict;
  }
  if (!isKept(before, await blocksOf(work))) verdict.faults.push('the refused store was changed');
  if (verdict.end === 'history_broken') await cure(base, damage, work, natsBinary, verdict);
  else if (SECRETS.includes(verdict.end)) await renew(base, damage, work, natsBinary, verdict);
  else if (!['data_unusable', 'nats_failed'].includes(verdict.end)) {
    verdict.faults.push(`ended ${verdict.end}`);
  }
  return verdict;
}

async function started(
  dataDir: string,
  natsBinary: string | undefined,
  verdict: Verdict,
): Promise<RunningBroker | undefined> {
  const began = performance.now();
  try {
    return await start(startConfig(dataDir, natsBinary === undefined ? {} : { natsBinary }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    verdict.end = code ?? `without a name: ${message}`;
    return undefined;
  } finally {
    const ms = performance.now() - began;
    verdict.ms = Math.max(verdict.ms, ms);
    if (ms > BOUND_MS) verdict.faults.push(`the start took ${Math.round(ms)} ms`);
  }
}

/** The loss is accepted: what was intact is there, at its old position, under a new log id. */
async function cure(
  base: Base,
  damage: Damage,
  work: string,
  natsBinary: string | undefined,
  verdict: Verdict,
): Promise<void> {
  const intact = await intactIn(base, work);
  const loss = await acceptLoss(work).catch((error: Error) => error);
  if (loss instanceof Error) {
    verdict.faults.push(`accept-loss: ${loss.message}`);
    return;
  }
  let broker = await started(work, natsBinary, verdict);
  // One damage may hit two files: what changed places with the mark may be a secret.
  if (broker === undefined && SECRETS.includes(verdict.end)) {
    await removeSecrets(damage, work);
    broker = await started(work, natsBinary, verdict);
  }
  if (broker === undefined) {
    verdict.faults.push(`refused again after accept-loss: ${verdict.end}`);
    return;
  }
  verdict.end = 'history_broken';
  const lines = await logOf(houseOf(broker.ready));
  await broker.close();
  const there = new Map(lines.map(line => [line[0], JSON.stringify(line[2])]));
  const kept = ({ 0: position, 2: event }: Line) => there.get(position) === JSON.stringify(event);
  const wanted = base.lines.filter(([position]) => intact.has(Math.floor(position / 4096)));
  const missing = wanted.filter(line => !kept(line)).length;
  if (missing > 0) verdict.faults.push(`${missing} of ${wanted.length} readable events are gone`);
  const lost = base.lines.filter(line => !kept(line)).length;
  const { events } = loss.lost;
  if (events !== undefined && events !== lost) {
    verdict.faults.push(`${lost} events are lost, but accept-loss said ${events}`);
  }
  if (loss.aside === undefined && (await blocksOf(work)).size > 0 && intact.size > 0) {
    verdict.faults.push('the damaged store was not set aside');
  }
}

async function removeSecrets(damage: Damage, work: string): Promise<void> {
  for (const file of [
    'operator.token',
    'broker.key',
    'gateway.id',
    'github-webhook.secret',
    'checkpoint.key',
  ]) {
    if (damage.name.includes(file)) await rm(join(work, file), { recursive: true, force: true });
  }
}

/** A damaged secret is removed, as the refusal says. */
async function renew(
  base: Base,
  damage: Damage,
  work: string,
  natsBinary: string | undefined,
  verdict: Verdict,
): Promise<void> {
  await removeSecrets(damage, work);
  const broker = await started(work, natsBinary, verdict);
  if (broker === undefined) {
    verdict.faults.push(`refused again without the damaged secret: ${verdict.end}`);
    return;
  }
  verdict.end = 'secret_damaged';
  const lines = await logOf(houseOf(broker.ready));
  await broker.close();
  if (!isPrefix(base.lines, lines)) verdict.faults.push('not whole without the damaged secret');
}

/** The sequences whose records lie unchanged in some block file. */
async function intactIn(base: Base, dir: string): Promise<Set<number>> {
  const blocks = [...(await blocksOf(dir)).values()];
  const records = await recordsOf(base.dir);
  const intact = [...records].filter(([, bytes]) => blocks.some(block => block.includes(bytes)));
  return new Set(intact.map(([sequence]) => sequence));
}

async function blocksOf(dir: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  if (!(await stat(dir)).isDirectory()) return found;
  for (const file of await filesIn(dir)) {
    if (file.startsWith('store/') && file.endsWith('.blk')) {
      found.set(file, await readFile(join(dir, file)));
    }
  }
  return found;
}

/** What was there is there; a broker that got far enough may have written on. */
function isKept(a: Map<string, Buffer>, b: Map<string, Buffer>): boolean {
  const kept = ([file, bytes]: [string, Buffer]) =>
    b.get(file)?.subarray(0, bytes.length).equals(bytes);
  return [...a].every(kept);
}

function isPrefix(wanted: readonly Line[], lines: readonly Line[]): boolean {
  return wanted.every((line, i) => JSON.stringify(line) === JSON.stringify(lines[i]));
}
