// A crowd: a host with a thousand readers of one filter, as P3 and P7 measure it.
import type { Offer, ReadersProgram, ReadersReport, Writer } from '../programs.js';
import { type Bench, type CpuShares, Stand } from '../stand.js';

export const READERS = 1_000;
export const TEXT_BYTES = 64;

export type Crowd = Stand<ReadersProgram>;

export interface CrowdMeasured {
  report: ReadersReport;
  cpu: CpuShares;
}

/** The broker; `data` is a history to start from. */
export async function openCrowd(bench: Bench, name: string, data?: string): Promise<Crowd> {
  const load = { load: 'load/readers.js', loads: 1, ...(data !== undefined && { data }) };
  const stand = await Stand.open<ReadersProgram>(bench, {
    name,
    host: 'hosts/signalbox.js',
    ...load,
  });
  await connect(stand);
  return stand;
}

/** A floor that shows each reader a frame of so many bytes for each event. */
export async function openFloorCrowd(
  bench: Bench,
  writer: Writer,
  frame_bytes: number,
): Promise<Crowd> {
  const stand = await Stand.open<ReadersProgram>(bench, {
    name: `floor-${writer}`,
    host: 'hosts/broadcast.js',
    load: 'load/readers.js',
    loads: 1,
    writer,
  });
  await connect(stand, frame_bytes);
  return stand;
}

/** Centrifugo, which shows each subscriber of one channel frames of about so many bytes. */
export async function openPeerCrowd(bench: Bench, frame_bytes: number): Promise<Crowd> {
  const stand = await Stand.open<ReadersProgram>(bench, {
    name: 'centrifugo',
    host: 'hosts/centrifugo.js',
    load: 'load/readers.js',
    loads: 1,
  });
  await connect(stand, frame_bytes, true);
  return stand;
}

async function connect(
  { facts, loads }: Crowd,
  frame_bytes?: number,
  isCentrifugo = false,
): Promise<void> {
  const { ws, publish, token } = facts;
  await loads[0]!.ask('connect', {
    ws,
    token,
    readers: READERS,
    text_bytes: TEXT_BYTES,
    ...(publish !== undefined && { publish }),
    ...(frame_bytes !== undefined && { frame_bytes }),
    isCentrifugo,
  });
}

export async function show(stand: Crowd, offer: Offer, seconds: number): Promise<CrowdMeasured> {
  const { value, cpu } = await stand.costOf(() =>
    stand.loads[0]!.ask('run', { ...offer, seconds }),
  );
  return { report: value, cpu };
}
