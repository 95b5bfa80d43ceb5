// A second msgpack for tests, written from its specification: any library reads what the wire says.

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

/** Packs null, booleans, numbers, strings, arrays and plain objects; leaves undefined keys out. */
export function packPlain(value: unknown): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: unknown, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(0xc0));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === 'number') parts.push(numberBytes(value));
  else if (typeof value === 'string') {
    const bytes = utf8.encode(value);
    parts.push(head(bytes.length, 0xa0, 31, 0xda, 0xdb), bytes);
  } else if (Array.isArray(value)) {
    parts.push(head(value.length, 0x90, 15, 0xdc, 0xdd));
    for (const item of value) write(item, parts);
  } else if (typeof value === 'object') writeMap(value, parts);
  else throw new Error(`no msgpack for ${typeof value}`);
}

function writeMap(value: object, parts: Uint8Array[]): void {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  parts.push(head(entries.length, 0x80, 15, 0xde, 0xdf));
  for (const [key, field] of entries) {
    write(key, parts);
    write(field, parts);
  }
}

/** Small whole numbers in one byte, others that fit as uint32, the rest as float64. */
function numberBytes(value: number): Uint8Array {
  if (Number.isInteger(value) && value >= 0 && value < 128) return Uint8Array.of(value);
  const bytes = Buffer.alloc(Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? 5 : 9);
  bytes[0] = bytes.length === 5 ? 0xce : 0xcb;
  if (bytes.length === 5) bytes.writeUInt32BE(value, 1);
  else bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(length: number, fix: number, fixMax: number, two: number, four: number): Uint8Array {
  if (length <= fixMax) return Uint8Array.of(fix | length);
  const bytes = Buffer.alloc(length <= 0xffff ? 3 : 5);
  bytes[0] = bytes.length === 3 ? two : four;
  if (bytes.length === 3) bytes.writeUInt16BE(length, 1);
  else bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** Unpacks one value that fills the bytes exactly; throws on anything else. */
export function unpackPlain(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.at !== bytes.length) throw new Error('bytes are left over');
  return value;
}

class Reader {
  at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  value(): unknown {
    const tag = this.whole(1);
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.map(tag & 0xf);
    if (tag < 0xa0) return this.array(tag & 0xf);
    if (tag < 0xc0) return this.string(tag & 0x1f);
    if (tag >= 0xe0) return tag - 256;
    return this.tagged(tag);
  }

  private tagged(tag: number): unknown {
    if (tag === 0xc0) return null;
    if (tag === 0xc2 || tag === 0xc3) return tag === 0xc3;
    if (tag === 0xca || tag === 0xcb) return this.float(tag === 0xca ? 4 : 8);
    if (tag >= 0xcc && tag <= 0xcf) return this.whole(2 ** (tag - 0xcc));
    if (tag >= 0xd0 && tag <= 0xd3) return this.signed(2 ** (tag - 0xd0));
    if (tag >= 0xd9 && tag <= 0xdb) return this.string(this.whole(2 ** (tag - 0xd9)));
    if (tag === 0xdc || tag === 0xdd) return this.array(this.whole(tag === 0xdc ? 2 : 4));
    if (tag === 0xde || tag === 0xdf) return this.map(this.whole(tag === 0xde ? 2 : 4));
    throw new Error(`the tag 0x${tag.toString(16)} is not of plain values`);
  }

  private whole(size: number): number {
    const bytes = this.take(size);
    return size === 8 ? Number(bytes.readBigUInt64BE()) : bytes.readUIntBE(0, size);
  }

  private signed(size: number): number {
    const bytes = this.take(size);
    return size === 8 ? Number(bytes.readBigInt64BE()) : bytes.readIntBE(0, size);
  }

  private float(size: number): number {
    const bytes = this.take(size);
    return size === 4 ? bytes.readFloatBE() : bytes.readDoubleBE();
  }

  private string(length: number): string {
    return text.decode(this.take(length));
  }

  private array(length: number): unknown[] {
    return Array.from({ length }, () => this.value());
  }

  private map(length: number): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) fields[String(this.value())] = this.value();
    return fields;
  }

  private take(size: number): Buffer {
    const end = this.at + size;
    if (end > this.bytes.length) throw new Error('the bytes end too early');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
