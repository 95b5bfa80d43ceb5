// Skills and the papers beside them tell an agent only what there is, and what it can follow.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import {
  codeFaults,
  headFaults,
  listFaults,
  machineFaults,
  referenceFaults,
  shapeFaults,
  sizeFaults,
  type Workspace,
  wordFaults,
} from './laws.js';
import type { Paper } from './paper.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const rooms = `${root}client/workspace/`;
const paperAt = (path: string): Paper => ({ path, text: readFileSync(rooms + path, 'utf8') });

const names = readdirSync(`${rooms}skills`);
const skills = names.map(name => paperAt(`skills/${name}/SKILL.md`));
const templates = readdirSync(`${rooms}templates`, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.md'))
  .map(path => paperAt(`templates/${path}`));

const eleven = (
  'adhd agent-folders cleanup coordination create-skill delegation durable-jobs handover memory ' +
  'review-cycle worktree-isolation'
).split(' ');

const workspace: Workspace = {
  skills: names,
  files: [
    ...templates.map(({ path }) => path.slice('templates/'.length)),
    ...['memory/', 'memory/forgotten.md', '.agents/skills/', '.claude/skills/', 'personas/'],
    ...['.agents/skills/NAME/SKILL.md', '.claude/skills/NAME/SKILL.md', 'SKILL.md'],
    ...['.signalbox.yaml', 'README.md', 'GEMINI.md'],
  ],
  variables: [...new Set(readFileSync(`${root}REFERENCE.md`, 'utf8').match(/SIGNALBOX_[A-Z_]+/g))],
};

t.test('the eleven skills are there', async t => {
  t.same([...names].sort(), eleven);
});

for (const skill of skills) {
  t.test(`${skill.path} has a head, parts and a length that programs and models take`, async t => {
    t.same([...headFaults(skill), ...shapeFaults(skill)], []);
  });
}

for (const paper of [...skills, ...templates]) {
  t.test(`${paper.path} names nothing that there is not, and no machine`, async t => {
    t.same(
      [
        ...codeFaults(paper),
        ...wordFaults(paper, workspace),
        ...referenceFaults(paper, workspace),
        ...machineFaults(paper),
      ],
      [],
    );
  });
}

t.test('AGENTS.md is short, and lists the skills that there are', async t => {
  const agents = paperAt('templates/AGENTS.md');
  t.same([...sizeFaults(agents.text, 120, 1_500), ...listFaults(agents, workspace)], []);
});

const HEAD = '---\nname: sing\ndescription: Sings. Use when it is quiet.\n---\n';
const PARTS = ['When', 'Before', 'Steps', 'What if', 'Write down', 'Done when', 'Do not'];
const good = `${HEAD}# Sing\n${PARTS.map(part => `## ${part}\n1. a\n2. b\n3. c\n`).join('')}`;
const sing = (text: string): Paper => ({ path: 'skills/sing/SKILL.md', text });
const saying = (words: string) => sing(`${good}${words}\n`);
const house: Workspace = { skills: ['sing'], files: ['AGENTS.md'], variables: ['SIGNALBOX_AS'] };

/** Of all laws for a skill. */
function faultsOf(paper: Paper): string[] {
  return [
    ...headFaults(paper),
    ...shapeFaults(paper),
    ...codeFaults(paper),
    ...wordFaults(paper, house),
    ...referenceFaults(paper, house),
    ...machineFaults(paper),
  ];
}

t.test('a sound skill breaks no law', async t => {
  const sound = [
    '`ask to="api" text="may I?" deadline_at=2h`, `wait_for_reply ask=ASK`, `inbox`, `ask`',
    '`ask to="a" text="b" question={"kind":"choice","options":[{"id":"x","label":"X y"}]}`',
    '`more tool=job_create arguments={"title":"Fix it","lease_s":60}`; `more find=job`',
    '`ask_many to=["a","b"] text="c" quorum=2`; `job_list state=awaiting_input max=5`',
    '`signalbox ask api "may I merge?" --wait 10m`, `git worktree list`, `lease_until`',
    '```sh\ngit diff | signalbox ask api "may I\nmerge?" - && signalbox peers > who.txt\n```',
    '```sh\nSIGNALBOX_AS=api signalbox notify \\\n  web "it is done"\n```',
    '```text\nask to="api" text="Goal: one.\nContext: two."\ninbox wait_s=5\n```',
    '```md\nask whoever has it, signalbox sing\n```',
    'skill `sing`, `AGENTS.md`, `my_action`, `budget_spent`, SIGNALBOX_AS, 127.0.0.1:7117',
  ];
  t.same(faultsOf(saying(sound.join('\n\n'))), []);
});

const bad: Readonly<Record<string, readonly [Paper, RegExp]>> = {
  'no front matter': [sing(good.slice(4)), /no front matter/],
  'front matter that is no YAML': [sing(good.replace('Sings.', 'Sings: loud:')), /no YAML/],
  'front matter without fields': [sing(good.replace(HEAD, '---\n- a\n---\n')), /without fields/],
  'an unknown field': [sing(good.replace('name:', 'tools: x\nname:')), /unknown field tools/],
  'another name than its folder': [sing(good.replace('name: sing', 'name: hum')), /called hum/],
  'a name in capitals': [sing(good.replace('name: sing', 'name: Sing')), /no name of 1 to 64/],
  'a name with two hyphens': [sing(good.replace('name: sing', 'name: si--ng')), /no name of/],
  'a name that is too long': [sing(good.replace('name: sing', `name: ${'s'.repeat(65)}`)), /64/],
  'no description': [sing(good.replace(/description.*/, 'description: ""')), /no description/],
  'a long description': [sing(good.replace('Sings.', 'Sings. '.repeat(150))), /over 1,024/],
  'no word of when': [sing(good.replace('Use when', 'If')), /when to use it/],
  'a description in the first person': [sing(good.replace('Sings.', 'I sing.')), /third person/],
  'a part too few': [sing(good.replace('## Before', '## Between')), /has the parts/],
  'parts out of order': [sing(good.replace('Before', 'Do not')), /has the parts/],
  'steps without numbers': [sing(good.replaceAll(/^\d\. /gm, '- ')), /fewer than three/],
  'steps misnumbered': [sing(good.replaceAll('2. b', '4. b')), /steps out of order/],
  'too many lines': [saying('\n'.repeat(300).replaceAll('\n', 'a\n')), /has \d+ lines/],
  'too many tokens': [saying('word '.repeat(4_000)), /about \d+ tokens/],
  'a verb that there is not': [saying('`signalbox hum`'), /signalbox hum/],
  'a verb below that there is not': [saying('`signalbox job hum`'), /job hum/],
  'a group without its verb': [saying('`signalbox job`'), /signalbox job/],
  'a flag that there is not': [saying('`signalbox ask api "x" --hum`'), /--hum/],
  'a flag without its value': [saying('`signalbox ask api "x" --deadline`'), /argument missing/],
  'a value that is no choice': [saying('`signalbox job list --state humming`'), /humming/],
  'a command without its argument': [saying('`signalbox reply`'), /missing required argument/],
  'a word too many': [saying('`signalbox peers api`'), /peers api/],
  'help for a verb that there is not': [saying('`signalbox help job hum`'), /help job hum/],
  'a fault behind a pipe': [saying('```sh\ngit diff | signalbox hum\n```'), /signalbox hum/],
  'a fault on a later line': [saying('```\nsignalbox peers\nsignalbox hum\n```'), /hum/],
  'a fault behind a variable': [saying('`SIGNALBOX_AS=a signalbox hum`'), /signalbox hum/],
  'a command outside code': [saying('Type signalbox peers.'), /outside code: signalbox peers/],
  'a tool that there is not': [saying('`hum to="api"`'), /no tool hum/],
  'a tool that was never': [saying('Use `job_hum`.'), /names job_hum/],
  'a tool that was never, in prose': [saying('Use job_hum.'), /names job_hum/],
  'an argument that there is not': [saying('`ask to="a" text="b" when=2h`'), /no argument when/],
  'an argument missing': [saying('`ask to="api"`'), /ask needs text/],
  'arguments missing in a block': [saying('```text\nreply\n```'), /reply needs ask, outcome/],
  'an argument twice': [saying('`ask to="a" to="b" text="c"`'), /given to twice/],
  'words that are no arguments': [saying('`ask api "may I?"`'), /no argument=value/],
  'an empty argument': [saying('`ask to="" text="b"`'), /ask to is empty/],
  'a value outside an enumeration': [saying('`reply ask=A outcome=done`'), /never done/],
  'no number': [saying('`inbox wait_s=soon`'), /wait_s is no number/],
  'no integer': [saying('`inbox max=1.5`'), /max is no integer/],
  'no truth value': [saying('`inbox again=yes`'), /again is no boolean/],
  'no time': [saying('`ask to="a" text="b" deadline_at=soon`'), /is no time/],
  'no rule': [saying('`schedule_self text="x" cron="at nine"`'), /is no rule/],
  'no list': [saying('`ask_many to="a,b" text="c"`'), /to is no array/],
  'a list of no texts': [saying('`ask_many to=[1] text="c"`'), /to\[0\] is no string/],
  'an object without its field': [
    saying('`ask to="a" text="b" question={"options":[]}`'),
    /question needs kind/,
  ],
  'an object with another field': [
    saying('`ask to="a" text="b" question={"kind":"text","hum":1}`'),
    /question has no hum/,
  ],
  'a wrong value deep within': [
    saying('`ask to="a" text="b" question={"kind":"hum"}`'),
    /question kind is never hum/,
  ],
  'a tool behind more that there is not': [saying('`more tool=hum`'), /no tool hum/],
  'an argument behind more that there is not': [
    saying('`more tool=trace arguments={"ref":"A","hum":1}`'),
    /trace has no hum/,
  ],
  'an argument behind more missing': [saying('`more tool=trace arguments={}`'), /needs ref/],
  'arguments that are no JSON': [saying('`more tool=trace arguments={ref:1}`'), /no JSON/],
  'a variable that nobody reads': [saying('SIGNALBOX_HUM=1'), /SIGNALBOX_HUM/],
  'a skill that there is not': [saying('see skill `hum`'), /a skill hum/],
  'a second skill that there is not': [saying('skills `sing` and `hum`'), /a skill hum/],
  'a file that there is not': [saying('write `HUM.md`'), /a file HUM.md/],
  'a folder that there is not': [saying('look in `humming/`'), /a file humming/],
  'a path of one machine': [saying('cd /home/ada'), /names \/home\/ada/],
  'an address of one machine': [saying('at 10.1.2.3'), /10\.1\.2\.3/],
  'the name of one machine': [saying('ssh box.internal'), /box\.internal/],
  'the address of a person': [saying('mail ada@example.com'), /ada@example\.com/],
};

for (const [what, [paper, fault]] of Object.entries(bad)) {
  t.test(`found: ${what}`, async t => {
    t.match(faultsOf(paper).join('\n'), fault);
  });
}

t.test('found: a skill that AGENTS.md does not list, and one that it invents', async t => {
  const table = '# A\n## Skills\n| `hum` | when |\n## More\n| `sing` | elsewhere |\n';
  t.same(listFaults(sing(table), house), ['does not list sing', 'lists hum']);
  t.same(listFaults(sing('## Skills\n| `sing` | when |\n'), house), []);
});
