// One who reads a view as its frames come, and puts them together afterwards (replica).

import { Mirror } from '../../client/sdk/mirror.js';
import { decode, encode } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { dial, type Socket } from '../wire.js';

type Row = Record<string, unknown>;

interface Said {
  id?: number;
  method?: string;
  result?: never;
  error?: { message: string };
  params?: never;
}

/** What the last of several parts says, and no row does. */
const markOfLast: Record<Encoding, Buffer> = {
  json: Buffer.from('"more":false'),
  msgpack: Buffer.from([...Buffer.from('more'), 0xc2]),
};

/** Frames are kept as they came: what decoding them costs is not the host's. */
export class ViewReading {
  readonly mirror = new Mirror<Row>();
  readonly encoding: Encoding;
  #frames: Buffer[] = [];
  #onFrame = () => {};
  #socket: Socket | undefined;
  bytes = 0;

  private constructor(encoding: Encoding) {
    this.encoding = encoding;
  }

  static async open(ws: string, token: string, encoding: Encoding): Promise<ViewReading> {
    const reading = new ViewReading(encoding);
    const onFrame = (frame: Buffer) => {
      reading.#frames.push(frame);
      reading.bytes += frame.length;
      reading.#onFrame();
    };
    reading.#socket = await dial(ws, token, onFrame, encoding);
    return reading;
  }

  /** Watches all jobs, which are too many for one part; the ms until all rows were there. */
  async watch(): Promise<number> {
    const began = performance.now();
    const whole = new Promise<void>(resolve => {
      this.#onFrame = () => {
        if (this.#frames.at(-1)!.includes(markOfLast[this.encoding])) resolve();
      };
    });
    const call = { jsonrpc: '2.0', id: 1, method: 'view.watch', params: { view: 'jobs' } };
    this.#socket!.send(Buffer.from(encode(this.encoding, call) as string));
    await whole;
    this.#onFrame = () => {};
    return performance.now() - began;
  }

  /** Puts together what has come; false when a frame did not begin where the last one ended. */
  read(): boolean {
    let isSound = true;
    for (const frame of this.#frames) {
      for (const said of [decode(this.encoding, frame)].flat() as Said[]) {
        if (said.error !== undefined) throw new Error(said.error.message);
        if (said.result !== undefined) this.mirror.begin(said.result);
        else if (said.method === 'view.rows') this.mirror.page(said.params!);
        else if (said.method === 'view.changes') isSound &&= this.mirror.step(said.params!);
      }
    }
    this.#frames = [];
    return isSound;
  }

  close(): void {
    this.#socket?.close();
  }
}
