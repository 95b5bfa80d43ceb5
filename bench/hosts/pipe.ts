// The floors of P2 and P9: decode, group commit, deliver; no checks, no views, no memory.
import type { Delivery } from '../../broker/core/words.js';
import { joinFrame, pack, unpack } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';
import { type Listener, listen, type Socket } from '../wire.js';
import { type Floor, openFloor } from './floor.js';

interface Call {
  id: number;
  method: string;
  params: { id: string; name?: string; ask?: string; text?: string; up_to?: number };
}

interface Guest {
  socket: Socket;
  name: string;
  /** What this turn has for it; leaves as one frame. */
  out: Uint8Array[];
}

interface Message {
  from: Guest;
  call: Call;
  bytes: Uint8Array;
}

const ACK = 'inbox.ack';

let floor: Floor | undefined;
let listener: Listener | undefined;
let isGrouped = true;
let published = 0;
let waiting: Message[] = [];
/** In the order of their commits. */
const flights: Message[][] = [];
const guests = new Map<string, Guest>();
const touched = new Set<Guest>();
let isSendDue = false;
let patience: NodeJS.Timeout | undefined;

const program: HostProgram = {
  async open(options) {
    isGrouped = options.isGrouped ?? true;
    floor = await openFloor(options);
    floor.log.follow(1, {
      onCommit: deliver,
      onBroken(reason) {
        throw new Error(reason);
      },
    });
    listener = await listen(socket => {
      const guest: Guest = { socket, name: '', out: [] };
      return frame => receive(guest, unpack(frame) as Call | Call[]);
    });
    return { ws: listener.ws, token: '', ...floor.facts };
  },
};

function receive(guest: Guest, frame: Call | Call[]): void {
  for (const call of Array.isArray(frame) ? frame : [frame]) {
    const { method, params } = call;
    if (method === 'ask.open' || method === 'ask.close' || method === ACK) {
      waiting.push({ from: guest, call, bytes: pack([guest.name, method, params]) });
    } else {
      if (params.name) {
        guest.name = params.name;
        guests.set(guest.name, guest);
      }
      answer(guest, { jsonrpc: '2.0', id: call.id, result: { verdict: 'applied' } });
    }
  }
  plan();
}

/** The end of the turn: what other sockets said in it comes along. Acks wait, as the broker's. */
function plan(): void {
  if (isSendDue || waiting.length === 0 || (isGrouped && flights.length > 0)) return;
  const isHurried =
    waiting.length >= limits.commit_events || waiting.some(({ call }) => call.method !== ACK);
  if (!isHurried) {
    patience ??= setTimeout(send, limits.commit_wait_ms);
    return;
  }
  isSendDue = true;
  setImmediate(send);
}

function send(): void {
  isSendDue = false;
  clearTimeout(patience);
  patience = undefined;
  // Their patience ended while a commit was under way: they go with the next.
  if (isGrouped && flights.length > 0) return;
  if (!isGrouped) {
    for (const message of waiting) launch([message]);
    waiting = [];
    return;
  }
  let size = 0;
  let count = 0;
  for (const { bytes } of waiting) {
    size += bytes.length;
    if (size > limits.commit_bytes || count === limits.commit_events) break;
    count++;
  }
  launch(waiting.splice(0, count));
}

function launch(flight: Message[]): void {
  flights.push(flight);
  const bytes = Buffer.concat(flight.map(message => message.bytes));
  floor!.log.append(`pipe.${++published}`, bytes).then(({ outcome }) => {
    if (outcome !== 'stored') throw new Error(`a publish of the floor was ${outcome}`);
  });
}

function deliver({ sequence, storedAt }: Delivery): void {
  const flight = flights.shift() ?? [];
  flight.forEach(({ from, call }, i) => {
    const { method, params } = call;
    const position = sequence * limits.commit_positions + i;
    answer(from, { jsonrpc: '2.0', id: call.id, result: { position, verdict: 'applied' } });
    if (method === ACK) return;
    const isAsk = method === 'ask.open';
    const item = {
      position,
      time: storedAt,
      kind: isAsk ? 'ask' : 'reply',
      from: from.name,
      text: params.text,
      ref: isAsk ? `ask_${params.id}` : params.ask,
    };
    answer(mateOf(from), { jsonrpc: '2.0', method: 'inbox.item', params: item });
  });
  plan();
}

/** `a-7` speaks with `b-7`. */
function mateOf({ name }: Guest): Guest {
  return guests.get(`${name.startsWith('a') ? 'b' : 'a'}${name.slice(1)}`)!;
}

function answer(guest: Guest, message: object): void {
  if (touched.size === 0) setImmediate(flush);
  touched.add(guest);
  guest.out.push(pack(message));
}

function flush(): void {
  for (const guest of touched) {
    guest.socket.send(joinFrame(guest.out) as Uint8Array);
    guest.out = [];
  }
  touched.clear();
}

serve(program, async () => {
  await listener?.close();
  await floor?.close();
});
