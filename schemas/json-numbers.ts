// Precision of JSON numbers: which of them a double cannot hold, and how to write one.

import { limits } from './limits.js';

/** A number that was written but is not what its double says. */
export interface LostNumber {
  /** Which call of a batch it stands in; 0 of a lone one. */
  item: number;
  /** True when it is the id of that call itself. */
  isId: boolean;
  text: string;
}

const NUMBER = /-?\d[\d.eE+-]*/y;
/** Digits that a shortest writing of a double never exceeds. */
const DOUBLE_DIGITS = 17;

/** Small enough to become nothing. */
const VANISHING = /\d[eE]-\d{3}|\.0{300}/;

/** What a walk through parsed values has met that its text may have said otherwise. */
export interface Doubts {
  hasZero: boolean;
  hasLarge: boolean;
}

/**
 * Notes, in place, a value that its text may have said otherwise: 0, or beyond the safe integers. A
 * fraction is rounded, and that is no loss.
 */
export function noteNumber(value: number, doubts: Doubts): void {
  if (value === 0) doubts.hasZero = true;
  else if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) doubts.hasLarge = true;
}

/** False when parsing cannot have changed a number: so it is with nearly every frame. */
export function mayHaveLost(json: string, { hasLarge, hasZero }: Doubts): boolean {
  return hasLarge || (hasZero && VANISHING.test(json));
}

/**
 * The numbers of a valid JSON text that parsing it has changed, in their order.
 * https://www.rfc-editor.org/rfc/rfc8259#section-6
 */
export function lostNumbers(json: string): LostNumber[] {
  const lost: LostNumber[] = [];
  const isBatch = /^\s*\[/.test(json);
  const inItem = isBatch ? 2 : 1;
  let depth = 0;
  let item = 0;
  let word = '';
  let key = '';
  for (let at = 0; at < json.length; at++) {
    const char = json[at]!;
    if (char === '"') {
      const end = endOfText(json, at);
      if (depth === inItem) word = json.slice(at, end);
      at = end - 1;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ':' && depth === inItem) key = word;
    else if (char === ',') {
      if (depth === inItem) key = '';
      else if (depth === 1 && isBatch) item++;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      NUMBER.lastIndex = at;
      const text = NUMBER.exec(json)![0];
      if (isLost(text)) lost.push({ item, isId: depth === inItem && isIdKey(key), text });
      at += text.length - 1;
    }
  }
  return lost;
}

/** The place after the text that begins at `at`. */
function endOfText(json: string, at: number): number {
  let end = at + 1;
  while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end + 1;
}

function isIdKey(key: string): boolean {
  return key !== '' && JSON.parse(key) === 'id';
}

/**
 * True for a whole number beyond what its double holds, for what is too large for any double, and
 * for what is not nothing but becomes it. A fraction is rounded, as fractions are.
 */
function isLost(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return true;
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  if (value === 0) return /[1-9]/.test(mantissa);
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return false;
  if (/^-?\d+$/.test(text)) return BigInt(text) !== BigInt(value);
  return isFinerThan(value, mantissa, Number(exponent));
}

/** True when a float's text says more than the double: it was no double where it was written. */
function isFinerThan(value: number, mantissa: string, exponent: number): boolean {
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const written = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = withoutTrailingZeros(written);
  if (digits.length <= DOUBLE_DIGITS) return false;
  const power = exponent - fraction.length + written.length - digits.length;
  if (power < 0 || digits.length + power > limits.json_number_chars) return true;
  return BigInt(digits) * 10n ** BigInt(power) !== BigInt(Math.abs(value));
}

/** By hand: a pattern for it tries every nought of a long run in the middle anew. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** JSON in which whole numbers have all their digits: `JSON.stringify` fills up with noughts. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  return hasLongRun(text) ? exactJson(value) : text;
}

/** True when so many digits stand in a row as a number has whose last ones may be invented. */
function hasLongRun(text: string): boolean {
  for (let at = DOUBLE_DIGITS - 1; at < text.length; at += DOUBLE_DIGITS) {
    if (!isDigit(text, at)) continue;
    let from = at;
    while (isDigit(text, from - 1)) from--;
    let to = at + 1;
    while (isDigit(text, to)) to++;
    if (to - from >= DOUBLE_DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function exactJson(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value)) {
    const text = JSON.stringify(value);
    return /e/.test(text) ? text : BigInt(value).toString();
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(part => exactJson(part ?? null)).join(',')}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const parts = fields.map(([key, field]) => `${JSON.stringify(key)}:${exactJson(field)}`);
  return `{${parts.join(',')}}`;
}
