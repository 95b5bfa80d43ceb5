// Salvage: a fresh store of every record that can be read of a damaged one, left as it is.
import { copyFile, link, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../../schemas/limits.js';
import { decodeCommit } from '../../core/commits/commit-bytes.js';
import { rollDigest } from '../../core/commits/hash-chain.js';
import { ZERO_DIGEST } from '../../core/commits/marks.js';
import { syncDirectory } from '../../disk/data-dir.js';
import type { HighWaterMark } from '../../disk/high-water.js';
import { streamName, streamSubject } from '../stream-settings.js';
import { isGap, readableRecords, sealOf } from './block.js';
import { writeMeta } from './meta.js';
import { type Block, blocksIn, streamDir } from './places.js';
import { recordBytes, type Seal, type StoredRecord } from './record.js';
import { standIn } from './stand-in.js';
import { codeOfDamage } from './survey.js';

export interface Salvaged {
  commits: number;
  events: number;
  /** What the new log holds, to be vouched for from now on. */
  mark: HighWaterMark;
  /** How many of the events in it were acknowledged, as far as the mark of old reaches. */
  vouched: number;
  /** The last sequence that was read or acknowledged. */
  last: number;
}

export interface Salvage {
  from: string;
  /** Must not exist. */
  to: string;
  mesh: string;
  /** The last sequence that was acknowledged. */
  acknowledged: number;
  /** What opens the log when its first commit is lost. */
  opening: { log: string; level: number };
  now: string;
}

/** A block file, the seal that fits its records, and the first sequence among them. */
interface Source extends Block {
  seal: Seal;
  first: number;
}

/**
 * Copies every readable record, each under its own sequence and time; where one is lost an empty
 * commit stands in, so that no position ever names another event. The end is not filled up.
 */
export async function salvage(plan: Salvage): Promise<Salvaged> {
  const { from, to, mesh, acknowledged, now } = plan;
  const run = new Run(plan);
  await mkdir(join(streamDir(to, mesh), 'msgs'), { recursive: true, mode: 0o700 });
  await writeMeta(to, mesh, now);
  const sources = await sourcesIn(from, mesh);
  for (const source of sources) await run.take(source, source === sources.at(-1));
  await syncDirectory(join(streamDir(to, mesh), 'msgs'));
  return run.result(acknowledged);
}

class Run {
  readonly #plan: Salvage;
  #last = 0;
  #digest = ZERO_DIGEST;
  #commits = 0;
  #events = 0;
  #vouched = 0;
  #block = 0;

  constructor(plan: Salvage) {
    this.#plan = plan;
  }

  /** The block again, without what cannot be read and with what stands in for it. */
  async take({ number, file, seal: old }: Source, isLast: boolean): Promise<void> {
    const { mesh, to } = this.#plan;
    const bytes = await readFile(file);
    const parts: Buffer[] = [];
    const block = Math.max(number, this.#block + 1);
    const seal = sealOf(streamName(mesh), block, streamSubject(mesh));
    let isSame = block === number;
    for (const found of readableRecords(bytes, old)) {
      const isOld = isGap(found) || found.isTombstone || found.sequence <= this.#last;
      if (isOld) isSame = false;
      else {
        const before = parts.length;
        parts.push(...this.#standIns(found, seal));
        if (parts.length > before || !found.isExact) isSame = false;
        parts.push(recordBytes(seal, found.sequence, found));
        this.#keep(found);
      }
    }
    if (parts.length === 0) return;
    this.#block = block;
    const target = join(streamDir(to, mesh), 'msgs', `${block}.blk`);
    // The server writes on in the last one only.
    if (isSame && !isLast) await link(file, target).catch(() => copyFile(file, target));
    else await writeAll(target, parts);
  }

  result(acknowledged: number): Salvaged {
    const digest = Buffer.from(this.#digest).toString('hex');
    return {
      commits: this.#commits,
      events: this.#events,
      vouched: this.#vouched,
      mark: { sequence: this.#last, digest, events: this.#events, level: this.#plan.opening.level },
      last: Math.max(this.#last, acknowledged),
    };
  }

  *#standIns(next: StoredRecord, seal: Seal): Iterable<Buffer> {
    const { mesh, opening } = this.#plan;
    while (this.#last + 1 < next.sequence) {
      const sequence = this.#last + 1;
      const data = standIn(sequence, { mesh, ...opening }, next.time);
      this.#note(sequence, data);
      yield recordBytes(seal, sequence, { time: next.time, headers: NO_HEADERS, data });
    }
  }

  #keep({ sequence, data }: StoredRecord): void {
    this.#note(sequence, data);
    const count = decodeCommit(data)?.events.length ?? 0;
    this.#commits++;
    this.#events += count;
    if (sequence <= this.#plan.acknowledged) this.#vouched += count;
  }

  #note(sequence: number, data: Uint8Array): void {
    this.#last = sequence;
    this.#digest = rollDigest(this.#digest, data);
  }
}

const NO_HEADERS = new Uint8Array(0);

/** The blocks in the order of their first records; one with a foreign name is known by its seal. */
async function sourcesIn(store: string, mesh: string): Promise<Source[]> {
  const blocks = await blocksIn(store, mesh);
  const stream = streamName(mesh);
  const subject = streamSubject(mesh);
  const sources: Source[] = [];
  for (const { number, file } of blocks) {
    const read = await readFile(file).catch(codeOfDamage);
    const bytes = typeof read === 'string' ? Buffer.alloc(0) : read;
    const others = blocks.map(block => block.number).filter(other => other !== number);
    for (const candidate of [number, ...others]) {
      const seal = sealOf(stream, candidate, subject);
      const first = firstIn(bytes, seal);
      if (first === undefined) continue;
      sources.push({ number: candidate, file, seal, first });
      break;
    }
  }
  return sources.sort((a, b) => a.first - b.first || a.number - b.number);
}

function firstIn(bytes: Buffer, seal: Seal): number | undefined {
  for (const found of readableRecords(bytes, seal)) {
    if (!isGap(found) && !found.isTombstone) return found.sequence;
  }
  return undefined;
}

async function writeAll(path: string, parts: readonly Buffer[]): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for (let at = 0; at < parts.length; at += limits.salvage_write_items) {
      await file.writeFile(Buffer.concat(parts.slice(at, at + limits.salvage_write_items)));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
