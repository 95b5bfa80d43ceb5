// A stand: one host and its load generators, each in a process of its own, and what they cost.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compact } from '../schemas/codec.js';
import { Child } from './child.js';
import { cpuMsOf, mainCpuMsOf, rssBytesOf } from './facts.js';
import type { HostFacts, HostOptions, HostProgram, Program, Settled, Writer } from './programs.js';

const PEAK_LOOK_MS = 20;

export interface Bench {
  /** Emptied when the run ends. */
  dir: string;
  natsBinary: string | undefined;
  /** The binary of Centrifugo, where there is one. */
  centrifugo: string | undefined;
  durability: HostOptions['durability'];
  profileDir: string | undefined;
}

export interface StandOptions {
  /** Also the name of its directory. */
  name: string;
  host: string;
  load: string;
  loads: number;
  isGrouped?: boolean;
  writer?: Writer;
  /** A data directory to start from, instead of an empty one; it is used up. */
  data?: string;
}

interface CpuTimes {
  /** All threads of the host. */
  host: number;
  /** Its main thread alone; undefined where the system does not tell. */
  main: number | undefined;
  generator: number;
  natsServer: number | undefined;
}

/** Shares of one core, while the work ran. */
export interface CpuShares extends CpuTimes {
  seconds: number;
}

export class Stand<P extends Program> {
  readonly name: string;
  readonly facts: HostFacts;
  readonly loads: readonly Child<P>[];
  private readonly host: Child<HostProgram>;
  private readonly isProfiled: boolean;

  private constructor(
    name: string,
    facts: HostFacts,
    host: Child<HostProgram>,
    loads: Child<P>[],
    isProfiled: boolean,
  ) {
    this.name = name;
    this.facts = facts;
    this.host = host;
    this.loads = loads;
    this.isProfiled = isProfiled;
  }

  static async open<P extends Program>(
    { natsBinary, centrifugo, durability, profileDir, dir }: Bench,
    { name, host: path, load, loads, isGrouped, writer, data }: StandOptions,
  ): Promise<Stand<P>> {
    const own = data ?? join(dir, name);
    await mkdir(own, { recursive: true, mode: 0o700 });
    const host = new Child<HostProgram>(path, profileDir && join(profileDir, name));
    const options = { dir: own, natsBinary, durability };
    // Its generators load their modules while it starts.
    const made = Array.from({ length: loads }, () => new Child<P>(load));
    const facts = await host.ask('open', compact({ ...options, isGrouped, writer, centrifugo }));
    return new Stand(name, facts, host, made, profileDir !== undefined);
  }

  /** Runs the work and tells what share of a core each process took meanwhile. */
  async costOf<T>(work: () => Promise<T>): Promise<{ value: T; cpu: CpuShares }> {
    const began = performance.now();
    const before = await this.cpuMs();
    const value = await work();
    const after = await this.cpuMs();
    const took = performance.now() - began;
    const share = (from: number, to: number) => (to - from) / took;
    const known = (from?: number, to?: number) =>
      from === undefined || to === undefined ? undefined : share(from, to);
    const cpu = {
      seconds: took / 1000,
      host: share(before.host, after.host),
      main: known(before.main, after.main),
      generator: share(before.generator, after.generator),
      natsServer: known(before.natsServer, after.natsServer),
    };
    return { value, cpu };
  }

  /** Runs the work and tells the host's highest resident memory meanwhile, in bytes. */
  async peakOf<T>(work: () => Promise<T>): Promise<{ value: T; peak_bytes: number }> {
    let isDone = false;
    let peak_bytes = 0;
    const watch = async () => {
      while (!isDone) {
        peak_bytes = Math.max(peak_bytes, (await this.rssBytes()) ?? Number.NaN);
        await sleep(PEAK_LOOK_MS);
      }
    };
    const watching = watch();
    try {
      const value = await work();
      return { value, peak_bytes };
    } finally {
      isDone = true;
      await watching;
    }
  }

  rssBytes(): Promise<number | undefined> {
    return rssBytesOf(this.host.pid);
  }

  /** The host's memory and timers once its garbage is gone. */
  settled(): Promise<Settled> {
    return this.host.settled();
  }

  /** What it kept is thrown away, so nobody waits for it to be put in order. */
  async close(): Promise<void> {
    await Promise.all(this.loads.map(load => load.kill()));
    if (this.isProfiled) return this.host.end();
    await this.host.kill();
    const { pid } = this.facts.nats;
    try {
      if (pid !== this.host.pid) process.kill(pid, 'SIGKILL');
    } catch {
      // It had gone already.
    }
  }

  private async cpuMs(): Promise<CpuTimes> {
    const { nats, server } = this.facts;
    const loads = await Promise.all(this.loads.map(load => load.cpuMs()));
    return {
      host: server === undefined ? await this.host.cpuMs() : ((await cpuMsOf(server)) ?? 0),
      main: await mainCpuMsOf(this.host.pid),
      generator: loads.reduce((all, ms) => all + ms, 0),
      natsServer: nats.version === 'none' ? undefined : await cpuMsOf(nats.pid),
    };
  }
}
