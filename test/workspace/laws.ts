// The laws that skills and the papers beside them keep; each check lists who breaks it.
import { hostname } from 'node:os';
import { toolNamed, toolsOf } from '../../client/mcp/toolbox.js';
import { openrpcDocument } from '../../schemas/openrpc.js';
import { refusals } from '../../schemas/refusal.js';
import { statementFaults } from './commands.js';
import { codeOf, frontMatterOf, type Paper, proseOf, statementsOf } from './paper.js';

/** What there is beside the papers that are held to the laws. */
export interface Workspace {
  /** Skills by the names of their folders. */
  skills: readonly string[];
  /** Files that a workspace or a project has, and folders, which end in a slash. */
  files: readonly string[];
  /** Environment variables that the program knows. */
  variables: readonly string[];
}

/** Front matter as Agent Skills has it: https://agentskills.io/specification */
export function headFaults({ path, text }: Paper): string[] {
  const folder = path.split('/').at(-2);
  const head = frontMatterOf(text);
  if (typeof head === 'string') return [head];
  const { name, description, ...others } = head;
  const faults = Object.keys(others)
    .filter(key => !FIELDS.includes(key))
    .map(key => `has an unknown field ${key}`);
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || name.length > 64) {
    faults.push('has no name of 1 to 64 lower-case letters, digits and single hyphens');
  } else if (name !== folder) faults.push(`is called ${name} in a folder called ${folder}`);
  return [...faults, ...descriptionFaults(description)];
}

const FIELDS = ['license', 'compatibility', 'metadata', 'allowed-tools'];

function descriptionFaults(description: unknown): string[] {
  if (typeof description !== 'string' || description.trim() === '') return ['has no description'];
  const faults = [];
  if (description.length > 1_024) faults.push('has a description over 1,024 characters');
  if (!/\bUse (it )?when\b/.test(description)) faults.push('does not say when to use it');
  if (/\b(I|you|your|we|our)\b/i.test(description)) faults.push('is not in the third person');
  return faults;
}

/** The parts that each skill has, in this order. */
const PARTS = ['When', 'Before', 'Steps', 'What if', 'Write down', 'Done when', 'Do not'];

/** A skill is a procedure: its parts are there, its steps numbered, and a context holds it. */
export function shapeFaults({ text }: Paper): string[] {
  const parts = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const faults = [];
  if (parts.join() !== PARTS.join()) faults.push(`has the parts ${parts.join(', ')}`);
  const [, steps = ''] = /^## Steps\n([\s\S]*?)(?=^## )/m.exec(text) ?? [];
  const numbers = [...steps.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
  if (numbers.length < 3) faults.push('has fewer than three numbered steps');
  if (numbers.some((number, at) => number !== at + 1)) faults.push('has steps out of order');
  return [...faults, ...sizeFaults(text, 300, 5_000)];
}

/** Lines and tokens; English and code have about three and a half bytes a token or more. */
export function sizeFaults(text: string, lines: number, tokens: number): string[] {
  const counted = text.trimEnd().split('\n').length;
  const weighed = Math.ceil(Buffer.byteLength(text) / 3.5);
  return [
    ...(counted >= lines ? [`has ${counted} lines`] : []),
    ...(weighed > tokens ? [`has about ${weighed} tokens`] : []),
  ];
}

/** Every command parses, every call fits its tool, and every name is one of the protocol. */
export function codeFaults({ text }: Paper): string[] {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, '');
  const code = codeOf(body);
  const said = code.flatMap(each =>
    statementsOf(each).flatMap(words => statementFaults(words, each.language === 'span')),
  );
  const typedOutside = proseOf(body).match(/\bsignalbox [a-z-]+/g) ?? [];
  return [...said, ...typedOutside.map(typed => `says outside code: ${typed}`)];
}

const protocol = new Set(
  JSON.stringify([
    openrpcDocument('0'),
    Object.keys(refusals),
    [...toolsOf(true), toolNamed('more')].map(({ name, schema }) => [name, schema]),
  ]).match(/[a-z]+(?:_[a-z]+)+/g),
);

/** A word with an underscore looks like a tool, an argument, a field or a refusal: it is one. */
export function wordFaults({ text }: Paper, { variables }: Workspace): string[] {
  const words = text.match(/(?<![\w$])[a-z]+(?:_[a-z]+)+\b/g) ?? [];
  const names = text.match(/\bSIGNALBOX_[A-Z_]+/g) ?? [];
  return [
    ...words.filter(word => !protocol.has(word)).map(word => `names ${word}, which is nothing`),
    ...names
      .filter(name => !variables.includes(name))
      .map(name => `names ${name}, which nobody reads`),
  ];
}

const FILE = /^\.{0,2}[\w./<>-]*(\.(md|json|jsonl|yaml|yml|toml)|(?<=\w)\/)$/;

/** Skills and files that a text names are there. */
export function referenceFaults({ text }: Paper, { skills, files }: Workspace): string[] {
  const spans = codeOf(text).flatMap(code => (code.language === 'span' ? [code.text] : []));
  const named = [...text.matchAll(/\bskills? ((?:`[\w-]+`(?:, | and | or )?)+)/gi)]
    .flatMap(([, list = '']) => [...list.matchAll(/`([\w-]+)`/g)])
    .map(([, name = '']) => name);
  return [
    ...named.filter(name => !skills.includes(name)).map(name => `names a skill ${name}`),
    ...spans
      .filter(span => FILE.test(span) && !files.includes(span))
      .map(span => `names a file ${span}`),
  ];
}

const MACHINE = [
  /(?<![\w.~$>])\/(home|Users|root|work|tmp|var|opt|srv|mnt)\/\w+/,
  /\b[A-Z]:\\/,
  /\b(?!127\.0\.0\.1)\d{1,3}(\.\d{1,3}){3}\b/,
  /\b[\w-]+\.(local|internal|lan)\b/,
  /[\w.]+@[\w-]+\.\w+/,
];

/** What holds on one machine, or for one person, has no place in what is shipped. */
export function machineFaults({ text }: Paper): string[] {
  const found = MACHINE.flatMap(pattern => pattern.exec(text)?.[0] ?? []);
  const host = hostname();
  const isHost = host.length > 3 && text.includes(host);
  return [...found, ...(isHost ? [host] : [])].map(name => `names ${name}`);
}

/** The list of skills in AGENTS.md, and the folders, are the same set. */
export function listFaults({ text }: Paper, { skills }: Workspace): string[] {
  const [, part = ''] = /^## Skills\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text) ?? [];
  const listed = [...part.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name = '']) => name);
  return [
    ...skills.filter(name => !listed.includes(name)).map(name => `does not list ${name}`),
    ...listed.filter(name => !skills.includes(name)).map(name => `lists ${name}`),
  ];
}
