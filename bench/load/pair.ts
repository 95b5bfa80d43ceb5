// Two peers: one asks, the other replies at once; both check all that reaches them.
import { joinFrame, pack, unpack } from '../../schemas/codec.js';
import type { Faults, Target } from '../programs.js';
import { dial, type Socket } from '../wire.js';
import { Ledger } from './ledger.js';
import { blank, numberedText, numberOf, Stencil } from './stencil.js';

interface Item {
  kind: string;
  text: string;
  ref: string;
  position: number;
}

interface Message {
  id?: number;
  error?: object;
  result?: { verdict: string };
  method?: string;
  params?: Item;
}

export interface PairParts {
  target: Target;
  /** Tells one pair from another. */
  name: string;
  newId(): string;
  /** The reply to ask number `number` has come. */
  onReply(number: number): void;
}

/** One end: what it sends in a turn leaves as one frame. */
class End {
  readonly ledger = new Ledger();
  refused = 0;
  private socket: Socket | undefined;
  private out: Uint8Array[] = [];
  private calls = 0;
  private readonly answers = new Map<number, () => void>();

  async connect({ ws, token }: Target, onItems: (items: Item[]) => void): Promise<void> {
    this.socket = await dial(ws, token, frame => onItems(this.itemsOf(frame)));
  }

  get nextCall(): number {
    return ++this.calls;
  }

  put(call: Uint8Array): void {
    this.out.push(call);
  }

  flush(): void {
    if (this.out.length === 0) return;
    this.socket?.send(joinFrame(this.out) as Uint8Array);
    this.out = [];
  }

  /** Sends one call and waits for its answer. */
  call(method: string, params: object): Promise<void> {
    const id = this.nextCall;
    this.put(pack({ jsonrpc: '2.0', id, method, params }));
    this.flush();
    return new Promise(resolve => this.answers.set(id, resolve));
  }

  close(): void {
    this.socket?.close();
  }

  private itemsOf(frame: Buffer): Item[] {
    const said = unpack(frame) as Message | Message[];
    const items: Item[] = [];
    for (const message of Array.isArray(said) ? said : [said]) {
      if (message.method === 'inbox.item') items.push(message.params!);
      else if (message.method === undefined) this.settle(message);
    }
    return items;
  }

  private settle({ id, result }: Message): void {
    if (result?.verdict !== 'applied') this.refused++;
    if (this.answers.size === 0) return;
    this.answers.get(id!)?.();
    this.answers.delete(id!);
  }
}

export class Pair {
  asked = 0;
  private readonly parts: PairParts;
  private readonly asker = new End();
  private readonly answerer = new End();
  private readonly ask: Stencil;
  private readonly close: Stencil;
  private readonly ack: Stencil;

  constructor(parts: PairParts) {
    this.parts = parts;
    const text = numberedText(parts.target.text_bytes);
    const to = `b-${parts.name}`;
    this.ask = stencil('ask.open', { id: blank.id, to, text });
    const reply = { ask: `ask_${blank.ask}`, outcome: 'replied', text };
    this.close = stencil('ask.close', { id: blank.id, ...reply });
    this.ack = stencil('inbox.ack', { id: blank.id, up_to: blank.position });
  }

  get frameBytes(): number[] {
    return [this.ask.size, this.close.size];
  }

  async connect(): Promise<void> {
    const { target, name, newId } = this.parts;
    await this.asker.connect(target, items => this.replied(items));
    await this.answerer.connect(target, items => this.answer(items));
    const ends = [
      [this.asker, 'a'],
      [this.answerer, 'b'],
    ] as const;
    for (const [end, letter] of ends) {
      await end.call('peer.join', { id: newId(), name: `${letter}-${name}` });
      await end.call('inbox.subscribe', { id: newId() });
    }
  }

  /** Asks at the next `flush`. */
  open(): void {
    const fill = { call: this.asker.nextCall, id: this.parts.newId(), number: this.asked++ };
    this.asker.put(this.ask.cut(fill));
  }

  flush(): void {
    this.asker.flush();
  }

  /** What is wrong once nothing is under way any more. */
  faults(): Faults {
    const ends = [this.asker, this.answerer];
    const sum = (of: (end: End) => number) => ends.reduce((all, end) => all + of(end), 0);
    return {
      refused: sum(end => end.refused),
      lost: sum(({ ledger }) => ledger.missing(this.asked)),
      doubled: sum(({ ledger }) => ledger.doubled),
      reordered: sum(({ ledger }) => ledger.reordered),
    };
  }

  disconnect(): void {
    this.asker.close();
    this.answerer.close();
  }

  private answer(items: Item[]): void {
    for (const { kind, text, ref } of items) {
      const number = numberOf(text);
      // A doubled ask has its reply already.
      if (kind !== 'ask' || !this.answerer.ledger.note(number)) continue;
      const fill = { call: this.answerer.nextCall, id: this.parts.newId(), number };
      this.answerer.put(this.close.cut({ ...fill, ask: ref.slice('ask_'.length) }));
    }
    this.answerer.flush();
  }

  private replied(items: Item[]): void {
    let seen = 0;
    for (const { kind, text, position } of items) {
      const number = numberOf(text);
      if (kind !== 'reply' || !this.asker.ledger.note(number)) continue;
      seen = position;
      this.parts.onReply(number);
    }
    if (seen > 0 && this.parts.target.acknowledges) this.acknowledge(seen);
    this.asker.flush();
  }

  private acknowledge(position: number): void {
    const fill = { call: this.asker.nextCall, id: this.parts.newId(), position };
    this.asker.put(this.ack.cut(fill));
  }
}

function stencil(method: string, params: object): Stencil {
  return new Stencil({ jsonrpc: '2.0', id: blank.call, method, params });
}
