// Memory of an orchestrator: rules as files of its workspace, read, written and forgotten.
import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { makeFolders } from '../setup/owner.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { readInner } from './inner-file.js';
import { findingsOf, type RuleFinding, wordsIn } from './rule-check.js';
import { isKept, type MemoryRule, readRule, ruleText, slugOf } from './rule-file.js';
import { writeFirst } from './whole-file.js';

/** What lies in `memory/`. */
export interface RuleBook {
  /** Newest first. */
  rules: MemoryRule[];
  /** Files that are no rule, by name, and why. */
  faults: { file: string; fault: string }[];
}

/** What is to be remembered. */
export type NewRule = Pick<MemoryRule, 'words' | 'tags'> & { reason: string; by: string };

/** Who forgets, and why. */
export interface Forgetting {
  reason: string;
  by: string;
}

/** Every rule of a workspace; of too many files the first by name. Nothing is thrown. */
export function readMemory(workspace: string): RuleBook {
  const folder = join(workspace, 'memory');
  const memory: RuleBook = { rules: [], faults: [] };
  const names = namesIn(folder);
  for (const name of names.slice(0, limits.workspace_rules_items)) {
    const file = readInner(workspace, join(folder, `${name}.md`));
    const rule = file === undefined || 'fault' in file ? undefined : readRule(name, file);
    if (rule !== undefined) memory.rules.push(rule);
    else if (file !== undefined) {
      memory.faults.push({ file: `${name}.md`, fault: file.fault ?? 'it has no words' });
    }
  }
  const over = names.length - limits.workspace_rules_items;
  if (over > 0) memory.faults.push({ file: '*.md', fault: `${over} more are not read` });
  memory.rules.sort((a, b) => b.time - a.time || (a.id < b.id ? -1 : 1));
  return memory;
}

/** The file of a rule. Throws a Failure where there is none of this id. */
export function findRule(workspace: string, id: string): MemoryRule {
  const found = readMemory(workspace).rules.find(rule => rule.id === id);
  if (found !== undefined) return found;
  throw unknownRule();
}

function unknownRule(): Failure {
  return new Failure('unknown', 'there is no rule of this id', {
    hint: 'see what there is: signalbox memory list',
  });
}

/** The rules that hold all of these words, in what they say, their reason, id or tags. */
export function searchMemory(rules: readonly MemoryRule[], query: string): MemoryRule[] {
  const wanted = wordsIn(query);
  return rules.filter(({ id, words, reason = '', tags }) => {
    const there = wordsIn([id, words, reason, ...tags].join(' '));
    return wanted.every(word => there.some(each => each.startsWith(word)));
  });
}

/** What was written, or what stands against it. */
export type RuleWritten = { id: string; file: string } | { findings: RuleFinding[] };

/**
 * Writes a rule unless it repeats or contradicts another one; `anyway`: all the same, though never
 * the same words twice. Two writers of one rule at once want one name, and one of them has it.
 * Throws a Failure where the folder cannot be written.
 */
export function writeRule(
  workspace: string,
  rule: NewRule,
  { now, replaces, anyway = false }: { now: Date; replaces?: string; anyway?: boolean },
): RuleWritten {
  if (replaces !== undefined) findRule(workspace, replaces);
  const against = () => {
    const others = readMemory(workspace).rules.filter(({ id }) => id !== replaces);
    return findingsOf(rule, others).filter(({ kind }) => !anyway || kind === 'same');
  };
  const findings = against();
  if (findings.length > 0) return { findings };
  const folder = demandFolder(workspace);
  const date = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const bytes = Buffer.from(ruleText({ ...rule, date, isWhole: true }));
  const slug = slugOf(rule.words);
  for (let at = 1; at <= limits.workspace_rules_items; at++) {
    const id = at === 1 ? slug : `${slug}-${at}`;
    const file = join(folder, `${id}.md`);
    if (writeFirst(file, bytes)) {
      if (replaces !== undefined) {
        const reason = `replaced by ${id}: ${rule.reason}`;
        forgetRule(workspace, replaces, { reason, by: rule.by }, now);
      }
      return { id, file };
    }
    // Whoever took the name may have written these very words a moment ago.
    const came = against();
    if (came.length > 0) return { findings: came };
  }
  throw new Failure('conflict', `${slug}.md and all names like it are taken in ${folder}`);
}

/**
 * Takes a rule out, and keeps its whole file in `memory/forgotten.md`, as a workspace need not be a
 * repository: a rule that somebody wrote by hand is not lost, and why it went is there to read.
 * Throws a Failure for one that is unknown, or longer than what is read.
 */
export function forgetRule(
  workspace: string,
  id: string,
  { reason, by }: Forgetting,
  now: Date,
): string {
  findRule(workspace, id);
  const folder = demandFolder(workspace);
  const file = join(folder, `${id}.md`);
  const found = readInner(workspace, file);
  if (found === undefined || 'fault' in found) throw unknownRule();
  if (!found.isWhole || !lstatSync(file).isFile()) {
    throw new Failure('conflict', `${file} is too long to be kept beside, or a link`, {
      hint: `move it out of memory/ by hand: ${file}`,
    });
  }
  const quoted = found.text.replace(/\n$/, '').replace(/^/gm, '> ');
  const date = now.toISOString().slice(0, 10);
  const kept = join(folder, 'forgotten.md');
  append(kept, `## ${id}, forgotten ${date} by ${by}\n\n${reason}\n\n${quoted}\n\n`);
  rmSync(file, { force: true });
  return kept;
}

/** In one write, and on the disk before the rule goes. */
function append(file: string, text: string): void {
  try {
    const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK, O_NOFOLLOW = 0 } = constants;
    const flags = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK | O_NOFOLLOW;
    const handle = openSync(file, flags, 0o644);
    try {
      if (!fstatSync(handle).isFile()) throw new Error('it is no file');
      appendFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new Failure('failed', `cannot write ${file}: ${why(error)}`);
  }
}

function demandFolder(workspace: string): string {
  const folder = join(workspace, 'memory');
  try {
    makeFolders(folder);
  } catch (error) {
    throw new Failure('failed', `cannot make ${folder}: ${why(error)}`);
  }
  if (lstatSync(folder).isDirectory()) return folder;
  throw new Failure('conflict', `${folder} is a link: nothing is written through it`);
}

/** Names of files `NAME.md`, hidden ones and those that are no rule's left out, sorted. */
function namesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).flatMap(name => /^([^.].*)\.md$/.exec(name)?.[1] ?? []);
    return names.filter(name => !isKept(name)).sort();
  } catch {
    return [];
  }
}
