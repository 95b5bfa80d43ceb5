// The persona shim: a marked block in SOUL.md that names the persona; every other byte stays.

/** Names a persona, of the workspace or of its user. */
export interface PersonaMark {
  name: string;
  isGlobal: boolean;
}

/** What may name a persona: one step of a path, which leads nowhere but down. */
export function isPersonaName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
}

const BEGIN = '<!-- signalbox:persona';
const END = '<!-- /signalbox:persona -->\n';
const BLOCK = new RegExp(
  `${BEGIN} (\\S{1,64}) (workspace|global)( new)? -->\\r?\\n.*\\r?\\n${END.trim()}\\r?\\n`,
  'g',
);

/** A shim with nobody's block, or one that was damaged, is no shim that can be written. */
export type Shim =
  | { mark?: PersonaMark & { isNew: boolean }; rest: Buffer; at: number }
  | { fault: string };

/**
 * Reads a shim as bytes, each of them a character: what else stands in the file need not be text.
 */
export function readShim(bytes: Buffer): Shim {
  const text = bytes.toString('latin1');
  const blocks = [...text.matchAll(BLOCK)];
  const begun = text.split(BEGIN).length - 1;
  if (begun !== blocks.length || begun > 1) {
    return { fault: 'its marked block of Signalbox is damaged' };
  }
  const [block] = blocks;
  if (block === undefined) return { rest: bytes, at: 0 };
  const [whole, name = '', kind, fresh] = block;
  if (!isPersonaName(name)) return { fault: 'its marked block of Signalbox names no persona' };
  const { index: at } = block;
  const rest = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + whole.length)]);
  return { mark: { name, isGlobal: kind === 'global', isNew: fresh !== undefined }, rest, at };
}

/** The bytes of a shim that names a persona; `isNew` where there was no file before. */
export function shimWith(rest: Buffer, at: number, mark: PersonaMark, isNew: boolean): Buffer {
  const { name, isGlobal } = mark;
  const kind = isGlobal ? 'global' : 'workspace';
  const where = isGlobal
    ? `Your persona is ${name}, kept for all workspaces: \`signalbox orchestrator persona show\`.`
    : `Your persona is ${name}: read personas/${name}/SOUL.md and speak as it says.`;
  const block = `${BEGIN} ${name} ${kind}${isNew ? ' new' : ''} -->\n${where}\n${END}`;
  return Buffer.concat([rest.subarray(0, at), Buffer.from(block), rest.subarray(at)]);
}
