// HighwayHash with 64 bits, the checksum that nats-server writes behind each record of its store.

/** The state: v0, v1, mul0 and mul1, four lanes each, as pairs of a low and a high word. */
const V0 = 0;
const V1 = 8;
const MUL0 = 16;
const MUL1 = 24;
const PACKET_BYTES = 32;

const INITIAL_MUL0 = [
  0xfe4cce2f, 0xdbe6d5d5, 0x299f31d0, 0xa4093822, 0x03707344, 0x13198a2e, 0x85a308d3, 0x243f6a88,
];
const INITIAL_MUL1 = [
  0xcb0ef593, 0x3bd39e10, 0xb5f18a8c, 0xc0acf169, 0x34e90c6c, 0xbe5466cf, 0x38d01377, 0x452821e6,
];

/** Hashes texts of several parts with one key; made once for a block, used for each record. */
export class Highway {
  readonly #fresh = new Uint32Array(32);
  readonly #state = new Uint32Array(32);
  readonly #packet = new Uint8Array(PACKET_BYTES);
  readonly #lanes = new Uint32Array(8);
  #held = 0;

  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new RangeError('the key of a HighwayHash has 32 bytes');
    for (let word = 0; word < 8; word++) {
      this.#fresh[MUL0 + word] = INITIAL_MUL0[word]!;
      this.#fresh[MUL1 + word] = INITIAL_MUL1[word]!;
      this.#fresh[V0 + word] = INITIAL_MUL0[word]! ^ wordAt(key, 4 * word);
      // The halves of each lane of the key change places.
      this.#fresh[V1 + word] = INITIAL_MUL1[word]! ^ wordAt(key, 4 * (word ^ 1));
    }
  }

  /** The hash of the parts one after another, in 16 hex digits of its little-endian bytes. */
  sum(...parts: readonly Uint8Array[]): string {
    this.#state.set(this.#fresh);
    this.#held = 0;
    for (const part of parts) this.#take(part);
    return this.#finish();
  }

  #take(part: Uint8Array): void {
    let at = 0;
    if (this.#held > 0) {
      at = Math.min(PACKET_BYTES - this.#held, part.length);
      this.#packet.set(part.subarray(0, at), this.#held);
      this.#held += at;
      if (this.#held < PACKET_BYTES) return;
      this.#mix(this.#packet, 0);
      this.#held = 0;
    }
    for (; at + PACKET_BYTES <= part.length; at += PACKET_BYTES) this.#mix(part, at);
    this.#packet.set(part.subarray(at), 0);
    this.#held = part.length - at;
  }

  #mix(bytes: Uint8Array, at: number): void {
    for (let word = 0; word < 8; word++) this.#lanes[word] = wordAt(bytes, at + 4 * word);
    update(this.#state, this.#lanes);
  }

  #finish(): string {
    if (this.#held > 0) this.#pad(this.#held);
    const state = this.#state;
    for (let round = 0; round < 4; round++) {
      // Lanes 2, 3, 0, 1 of v0, the halves of each swapped.
      for (let word = 0; word < 8; word++) this.#lanes[word] = state[V0 + (((word ^ 1) + 4) % 8)]!;
      update(state, this.#lanes);
    }
    let low = 0;
    let high = 0;
    for (const lane of [V0, V1, MUL0, MUL1]) {
      low += state[lane]!;
      high += state[lane + 1]!;
    }
    const sum = Buffer.alloc(8);
    sum.writeUInt32LE(low % 0x1_0000_0000, 0);
    sum.writeUInt32LE((high + Math.floor(low / 0x1_0000_0000)) % 0x1_0000_0000, 4);
    return sum.toString('hex');
  }

  /** The last packet is not whole: its length goes into the state, its bytes to fixed places. */
  #pad(length: number): void {
    const state = this.#state;
    for (let lane = 0; lane < 8; lane += 2) {
      addTo(state, V0 + lane, length, length);
      state[V1 + lane] = rotated(state[V1 + lane]!, length);
      state[V1 + lane + 1] = rotated(state[V1 + lane + 1]!, length);
    }
    const packet = new Uint8Array(PACKET_BYTES);
    const odd = length & 3;
    const whole = length - odd;
    const held = this.#packet;
    packet.set(held.subarray(0, whole));
    if (length & 16) packet.set(held.subarray(length - 4, length), PACKET_BYTES - 4);
    else if (odd > 0) {
      packet[16] = held[whole]!;
      packet[17] = held[whole + (odd >> 1)]!;
      packet[18] = held[whole + odd - 1]!;
    }
    this.#mix(packet, 0);
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Adds a 64-bit number, given as two words, to the lane at `at`. */
function addTo(state: Uint32Array, at: number, low: number, high: number): void {
  const sum = state[at]! + (low >>> 0);
  state[at] = sum;
  state[at + 1] = state[at + 1]! + high + (sum > 0xffff_ffff ? 1 : 0);
}

/** Folds the product of two words into the lane at `at`. */
function xorProduct(state: Uint32Array, at: number, a: number, b: number): void {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  state[at] = state[at]! ^ Math.imul(a, b);
  state[at + 1] = state[at + 1]! ^ (aHigh * bHigh + (middle >>> 16) + (other >>> 16));
}

function update(state: Uint32Array, lanes: Uint32Array): void {
  for (let lane = 0; lane < 8; lane += 2) {
    addTo(state, V1 + lane, state[MUL0 + lane]!, state[MUL0 + lane + 1]!);
    addTo(state, V1 + lane, lanes[lane]!, lanes[lane + 1]!);
    xorProduct(state, MUL0 + lane, state[V1 + lane]!, state[V0 + lane + 1]!);
    addTo(state, V0 + lane, state[MUL1 + lane]!, state[MUL1 + lane + 1]!);
    xorProduct(state, MUL1 + lane, state[V0 + lane]!, state[V1 + lane + 1]!);
  }
  zipper(state, V1, V0);
  zipper(state, V1 + 4, V0 + 4);
  zipper(state, V0, V1);
  zipper(state, V0 + 4, V1 + 4);
}

/** Shuffles the bytes of two lanes and adds them to two others. */
function zipper(state: Uint32Array, from: number, to: number): void {
  const low0 = state[from]!;
  const high0 = state[from + 1]!;
  const low1 = state[from + 2]!;
  const high1 = state[from + 3]!;
  addTo(
    state,
    to,
    (low0 >>> 24) | ((high1 & 0xff) << 8) | (low0 & 0xff_0000) | ((high0 & 0xff00) << 16),
    ((high1 >>> 16) & 0xff) | (low0 & 0xff00) | ((high1 >>> 8) & 0xff_0000) | (low0 << 24),
  );
  addTo(
    state,
    to + 2,
    (low1 >>> 24) | ((high0 & 0xff) << 8) | (low1 & 0xff_0000) | ((high1 & 0xff00) << 16),
    ((low1 >>> 8) & 0xff) |
      ((high0 >>> 8) & 0xff00) |
      ((low1 & 0xff) << 16) |
      (high0 & 0xff00_0000),
  );
}
