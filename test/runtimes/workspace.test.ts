// A workspace in real agent programs: what their models are shown of it, and those beside it not.
import t, { type Test } from 'tap';
import { writeRule } from '../../client/workspace/memory.js';
import { newPersona, usePersona } from '../../client/workspace/personas.js';
import { PRECEDENCE } from '../../client/workspace/session-block.js';
import { House } from './kit/house.js';
import { findProgram } from './kit/install.js';
import { programs } from './programs/all.js';
import type { Program } from './programs/program.js';

/** A hook gives up after 1.5 s by its own rule: a machine so loaded is asked again. */
const PLAYS = 5;

/** Names behind the file say which programs, `all` says all; else one is a sample of them. */
const wanted = process.argv.slice(2);

const cached = programs.flatMap(program => {
  const command = findProgram(program);
  return command === undefined ? [] : [{ program, command }];
});
const isMeant = ({ name }: Program) => wanted.includes(name) || wanted.includes('all');
const played =
  wanted.length === 0 ? cached.slice(0, 1) : cached.filter(({ program }) => isMeant(program));

const WORDS = [
  'You are the orchestrator',
  `Precedence, highest first: ${PRECEDENCE}`,
  'Persona: calm (personas/calm)',
  'Speak in two calm sentences.',
  'never-deploy-fridays: Never deploy on Fridays',
];
const SKILLS = ['worktree-isolation', 'review-cycle'];

/** All that the model is shown first in a folder; some runtimes escape what could be a tag. */
async function firstShown(house: House, cwd: string): Promise<string> {
  const before = house.model.turns.length;
  const { stderr, stdout } = await house.headless(cwd, 'go').ended;
  const first = house.model.turns[before];
  if (first === undefined) throw new Error(`no turn: ${stderr} ${stdout}`);
  const text = first.shown.map(block => block.text).join('\n');
  return text.replaceAll('&gt;', '>');
}

/** A workspace as a person makes one: a persona of theirs, a rule. */
async function madeIn(house: House): Promise<string> {
  const workspace = house.project('boss').folder;
  const { code, stderr } = await house.cli('orchestrator', 'init', workspace, '--no-setup');
  if (code !== 0) throw new Error(`init: ${stderr}`);
  const calm = 'Speak in two calm sentences.\n';
  newPersona({ workspace, global: undefined }, 'calm', false, calm);
  usePersona(workspace, { name: 'calm', isGlobal: false });
  const rule = { words: 'Never deploy on Fridays', tags: [], reason: 'an outage', by: 'ada' };
  writeRule(workspace, rule, { now: new Date() });
  return workspace;
}

async function shows(t: Test, program: Program, command: readonly string[]): Promise<void> {
  const house = await House.open(program, command);
  t.teardown(() => house.close());
  const workspace = await madeIn(house);
  const own = [...WORDS, ...SKILLS];
  let there = await firstShown(house, workspace);
  for (let more = 1; more < PLAYS && !own.every(words => there.includes(words)); more++) {
    there = await firstShown(house, workspace);
  }
  for (const words of own) t.ok(there.includes(words), words);
  t.same([...house.model.faults], []);
  // That one beside it is shown nothing holds the sample of hooks already.
  if (wanted.length === 0) return;
  const beside = await firstShown(house, house.project('beside').folder);
  for (const words of own) t.notOk(beside.includes(words), `not beside it: ${words}`);
}

for (const { program, command } of played) {
  t.test(`${program.name}: a workspace is before the model of its orchestrator alone`, t =>
    shows(t, program, command),
  );
}
if (played.length === 0) {
  const names = (wanted.length === 0 ? programs.slice(0, 1) : programs.filter(isMeant))
    .map(({ name }) => name)
    .join(', ');
  t.plan(0, `${names}: no such program is cached; npm run runtimes fetches them`);
}
