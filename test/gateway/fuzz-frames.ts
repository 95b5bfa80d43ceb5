// Frames for the fuzz: every parameter of every method in turn, and now and then mere noise.
import type { Encoding } from '../../schemas/frame.js';
import { type MethodName, methodRow, methods } from '../../schemas/method.js';
import { type Chance, shuffled } from '../dsl/chance.js';
import { hostile, Odd, pick, toPacked, toText, type Value } from './hostile-values.js';
import { type Known, plausible } from './plausible.js';

export interface FuzzFrame {
  method: string;
  /** Undefined where noise may have eaten the id: nobody waits for its answer then. */
  id: string | undefined;
  text: string;
  bytes: Uint8Array;
}

/** One method with the parameter that is to be hostile; undefined: only good will. */
export interface Target {
  method: MethodName;
  parameter: string | undefined;
}

export function parametersOf(method: MethodName): string[] {
  const { params } = methodRow(method);
  return 'shape' in params ? Object.keys(params.shape as object) : [];
}

export const targets: readonly Target[] = (Object.keys(methods) as MethodName[]).flatMap(method => [
  { method, parameter: undefined },
  { method, parameter: 'unknown' },
  ...parametersOf(method).map(parameter => ({ method, parameter })),
]);

let count = 0;

/** A call of good will. */
export function frameOf(method: string, params: Record<string, Value>): FuzzFrame {
  const id = `f${++count}`;
  const call = { jsonrpc: '2.0', id, method, params };
  return { method, id, text: toText(call), bytes: toPacked(call) };
}

/** Gives frame after frame, and notes which targets there were. */
export class FrameSource {
  readonly covered = new Set<Target>();
  private readonly chance: Chance;
  private readonly known: Known;
  private readonly only: readonly Target[];
  private queue: Target[] = [];

  constructor(chance: Chance, known: Known, only = targets) {
    this.only = only;
    this.chance = chance;
    this.known = known;
  }

  next(): FuzzFrame {
    const { chance } = this;
    if (this.queue.length === 0) this.queue = shuffled(this.only, chance);
    const target = this.queue.pop()!;
    this.covered.add(target);
    const id = `f${++count}`;
    const call = { jsonrpc: '2.0', id, method: target.method, params: this.params(target) };
    const roll = chance();
    if (roll < 0.04) return this.noise(call);
    if (roll < 0.06) return this.misshapen(call);
    return { method: target.method, id, text: toText(call), bytes: toPacked(call) };
  }

  private params({ method, parameter }: Target): Value {
    const { chance, known } = this;
    if (parameter === 'unknown' && chance() < 0.5) return hostile(chance);
    const params: Record<string, Value> = {};
    for (const name of parametersOf(method)) {
      if (name === parameter) params[name] = hostile(chance);
      else if (name === 'id' || chance() < 0.7) params[name] = plausible(name, chance, known);
    }
    if (parameter === 'unknown') params.unknown = hostile(chance);
    return params;
  }

  /** A call with something hostile where the call itself has its parts. */
  private misshapen(call: Record<string, Value>): FuzzFrame {
    const part = pick(this.chance, ['jsonrpc', 'id', 'method', 'params']);
    const odd = { ...call, [part]: hostile(this.chance) };
    return { method: '', id: undefined, text: toText(odd), bytes: toPacked(odd) };
  }

  /** A call of which some bytes were lost or changed on the way. */
  private noise(call: Record<string, Value>): FuzzFrame {
    const { chance } = this;
    const [text, bytes] = [toText(call), toPacked(call).slice()];
    const at = Math.floor(chance() * text.length);
    const mark = pick(chance, ['"', '{', ']', '\\', '9', '\u0000', '']);
    for (let n = 0; n < 3; n++) bytes[Math.floor(chance() * bytes.length)] = chance() * 256;
    const cut = chance() < 0.3 ? bytes.subarray(0, at) : bytes;
    return {
      method: '',
      id: undefined,
      text: `${text.slice(0, at)}${mark}${text.slice(at + 1)}`,
      bytes: cut,
    };
  }
}

/** Several frames as one batch. */
export function batchOf(frames: readonly FuzzFrame[], encoding: Encoding): string | Uint8Array {
  const list = frames.map(({ text, bytes }) => new Odd(text, bytes));
  return encoding === 'json' ? toText(list) : toPacked(list);
}
