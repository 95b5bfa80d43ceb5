// What a client of Centrifugo says: its protobuf frames over a WebSocket, and its HTTP API.
// https://centrifugal.dev/docs/transports/client_protocol
import { Agent, request } from 'node:http';
import type { Publisher } from './publisher.js';
import { numberedText, withNumber } from './stencil.js';

export const CENTRIFUGO_SUBPROTOCOL = 'centrifuge-protobuf';

const CHANNEL = 'bench';
/** What is around the payload of a publication in the frame that a subscriber gets. */
const AROUND_BYTES = 22;

/** Connects and subscribes, in one frame: each command is preceded by its length. */
export function enterFrame(): Uint8Array {
  const connect = [0x08, 1, 0x22, 0];
  const channel = Buffer.from(CHANNEL);
  const subscribe = [0x08, 2, 0x2a, channel.length + 2, 0x0a, channel.length, ...channel];
  return Buffer.from([connect.length, ...connect, subscribe.length, ...subscribe]);
}

/** What comes while a batch is under way leaves with the next one, so that nothing is overtaken. */
export function openCentrifugoPublisher(url: string, frame_bytes: number): Publisher {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  // A JSON string: its quotes belong to the payload.
  const text = numberedText(frame_bytes - AROUND_BYTES - '""'.length);
  let waiting: object[] = [];
  let isBusy = false;
  const send = () => {
    if (isBusy || waiting.length === 0) return;
    const body = JSON.stringify({ commands: waiting });
    waiting = [];
    isBusy = true;
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const post = request(url, { method: 'POST', agent, headers }, answer => {
      if (answer.statusCode !== 200) publisher.refused++;
      answer.resume();
      answer.on('end', () => {
        isBusy = false;
        send();
      });
    });
    post.end(body);
  };
  const publisher: Publisher = {
    published: 0,
    refused: 0,
    publish() {
      const data = withNumber(text, publisher.published++);
      waiting.push({ publish: { channel: CHANNEL, data } });
    },
    flush: send,
  };
  return publisher;
}
