// Contexts: brokers elsewhere by name, each a small file with its address and that of its token.
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { demandOwn, readSmallFile } from './small-file.js';

/** A broker elsewhere. */
export interface BrokerContext {
  name: string;
  /** One address, or several of one mesh with commas. */
  url: string;
  token_file: string;
}

/** The context that stands for the broker of this machine. */
export const LOCAL = 'local';

/** Where they lie, in the config directory of this user. */
function roomOf(config: string): string {
  return join(config, 'contexts');
}

function fileOf(config: string, name: string): string {
  return join(roomOf(config), `${name}.json`);
}

/** The file of a token that was given to us to keep. */
export function keptTokenFile(config: string, name: string): string {
  return join(roomOf(config), `${name}.token`);
}

/** A context by its name, which must be well formed; undefined when there is none. */
export function findContext(config: string, name: string): BrokerContext | undefined {
  const file = fileOf(config, name);
  const found = readSmallFile(file);
  if (found === undefined) return undefined;
  demandOwn(file, found);
  const context = contextIn(name, found.text);
  if (context !== undefined) return context;
  throw new Failure('failed', `${file} is no context any more`, {
    hint: `make it anew: signalbox context remove ${name}, then context add`,
  });
}

/** The context that is meant. Throws a Failure where there is none. */
export function demandContext(config: string, name: string): BrokerContext {
  const context = findContext(config, name);
  if (context !== undefined) return context;
  throw new Failure('unknown', `there is no context ${name}`, {
    hint: `see what there is: signalbox context list   or make it: context add ${name} URL`,
  });
}

function contextIn(name: string, text: string): BrokerContext | undefined {
  try {
    const { url, token_file } = JSON.parse(text);
    const isWhole = typeof url === 'string' && typeof token_file === 'string';
    return isWhole && isAbsolute(token_file) ? { name, url, token_file } : undefined;
  } catch {
    return undefined;
  }
}

/** Every name, damaged ones too, in order. */
export function contextNames(config: string): string[] {
  try {
    const names = readdirSync(roomOf(config)).flatMap(file => /^(.+)\.json$/.exec(file)?.[1] ?? []);
    return names.filter(isContextName).sort();
  } catch {
    return [];
  }
}

/** Whether a context may be called so. */
export function isContextName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== LOCAL;
}

/** Writes a context, and its token where that is to be kept here (0600). Throws a Failure. */
export function keepContext(config: string, context: BrokerContext, token?: string): void {
  const { name, url, token_file } = context;
  try {
    mkdirSync(roomOf(config), { recursive: true, mode: 0o700 });
    if (token !== undefined) replace(token_file, `${token}\n`);
    replace(fileOf(config, name), `${JSON.stringify({ url, token_file }, null, 2)}\n`);
  } catch (error) {
    throw new Failure('failed', `cannot write in ${roomOf(config)}: ${why(error)}`);
  }
}

/** Whole or not at all, and never through a link that lies there. */
function replace(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Takes it away, with the token that was kept here; false where there was none. */
export function dropContext(config: string, name: string): boolean {
  const file = fileOf(config, name);
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return false;
  try {
    rmSync(file);
    rmSync(keptTokenFile(config, name), { force: true });
    return true;
  } catch (error) {
    throw new Failure('failed', `cannot remove ${file}: ${why(error)}`);
  }
}

/** The token that came by stdin: one line. Throws a Failure. */
export async function readToken(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const part of stdin) {
    text += part;
    if (text.length > limits.config_bytes) break;
  }
  const token = text.trim();
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new Failure('usage', 'stdin holds no token: one line of plain letters', {
    hint: 'signalbox token create NAME makes one: context add NAME URL --token-stdin < FILE',
  });
}
