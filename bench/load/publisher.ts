// Publishes numbered events: by calls to the broker, or as bare frames to a floor.
import { joinFrame, pack, unpack } from '../../schemas/codec.js';
import type { ReadersTarget } from '../programs.js';
import { dial } from '../wire.js';
import { idMaker } from './ids.js';
import { blank, numberedText, Stencil, withNumber } from './stencil.js';

export interface Publisher {
  published: number;
  refused: number;
  /** The next number; it leaves at the next `flush`. */
  publish(): void;
  flush(): void;
}

export function openPublisher(target: ReadersTarget): Promise<Publisher> {
  return target.frame_bytes === undefined ? byCalls(target) : byFrames(target, target.frame_bytes);
}

interface Answer {
  id: number;
  result?: { verdict?: string };
}

async function byCalls({ ws, token, text_bytes }: ReadersTarget): Promise<Publisher> {
  const newId = idMaker();
  let calls = 0;
  let out: Uint8Array[] = [];
  let joined = () => {};
  const isIn = new Promise<void>(resolve => {
    joined = resolve;
  });
  const socket = await dial(ws, token, frame => {
    const said = unpack(frame) as Answer | Answer[];
    for (const { id, result } of Array.isArray(said) ? said : [said]) {
      if (id === 0) joined();
      else if (result?.verdict !== 'applied') publisher.refused++;
    }
  });
  const params = { id: blank.id, state: 'working', text: numberedText(text_bytes) };
  const turn = new Stencil({ jsonrpc: '2.0', id: blank.call, method: 'peer.turn', params });
  const publisher: Publisher = {
    published: 0,
    refused: 0,
    publish() {
      out.push(turn.cut({ call: ++calls, id: newId(), number: publisher.published++ }));
    },
    flush() {
      socket.send(joinFrame(out) as Uint8Array);
      out = [];
    },
  };
  const join = { id: newId(), name: `publisher-${process.pid}` };
  socket.send(pack({ jsonrpc: '2.0', id: 0, method: 'peer.join', params: join }));
  await isIn;
  return publisher;
}

/** Each frame goes to every reader as it is. */
async function byFrames(target: ReadersTarget, frame_bytes: number): Promise<Publisher> {
  const socket = await dial(target.publish ?? target.ws, target.token, () => {});
  const text = numberedText(frame_bytes);
  const publisher: Publisher = {
    published: 0,
    refused: 0,
    publish() {
      socket.send(Buffer.from(withNumber(text, publisher.published++)));
    },
    flush() {},
  };
  return publisher;
}
