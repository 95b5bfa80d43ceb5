// P8: start-up cost: each verb of the command line, beside an empty program.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Caller } from '../load/caller.js';
import { type CommandPlace, type CommandTimes, timeCommand } from '../load/command-timer.js';
import { idMaker } from '../load/ids.js';
import { noFaults } from '../load/ledger.js';
import { figure, median, ratioOf } from '../report/figures.js';
import type { Results } from '../report/page.js';
import { type Bench, Stand } from '../stand.js';

const MOST = 1.8;
const HOOK_MOST = 1.5;
const ME = 'web';
const OTHER = 'api';
const root = new URL('../../../', import.meta.url);
const empty = [process.execPath, '-e', '0'];

/** What a verb needs to have happened before it, each time anew; the id that it will name. */
interface Desk {
  /** An ask that waits in the inbox of who runs the verbs. */
  asked(): Promise<string>;
  notified(): Promise<string>;
  /** A job that anybody may claim. */
  offered(): Promise<string>;
}

type Verb = readonly [
  name: string,
  words: (desk: Desk) => Promise<readonly string[]>,
  /** What it reads from stdin. */
  stdin?: string,
];

const plain = (line: string): Verb => [line, async () => line.split(' ')];

/** What a coding agent runs at an event of its session; nothing waits, as most of the time. */
const hook = (runtime: string, event: string): Verb => {
  const told = { session_id: 'bench', hook_event_name: event, source: 'startup' };
  return [`hook ${runtime} ${event}`, async () => ['hook', runtime], JSON.stringify(told)];
};

/** Last are those that need what earlier ones left. */
function verbsOf(claimed: { job: string }): readonly Verb[] {
  return [
    hook('claude-code', 'SessionStart'),
    hook('claude-code', 'PostToolBatch'),
    hook('claude-code', 'Stop'),
    hook('codex', 'Stop'),
    hook('gemini', 'AfterAgent'),
    plain('--version'),
    plain('--help'),
    plain('peers'),
    plain('whoami'),
    ['ask', async () => ['ask', OTHER, 'may I merge the branch?']],
    ['notify', async () => ['notify', OTHER, 'the branch is merged']],
    ['reply', async desk => ['reply', await desk.asked(), 'yes, its tests are green']],
    ['ack', async desk => ['ack', await desk.notified()]],
    plain('inbox'),
    plain('job list'),
    [
      'job claim',
      async desk => {
        claimed.job = await desk.offered();
        return ['job', 'claim', claimed.job];
      },
    ],
    ['job finish', async () => ['job', 'finish', claimed.job, 'done']],
    ['trace', async desk => ['trace', await desk.notified()]],
    plain('search merge'),
    plain('log read'),
    plain('doctor'),
    plain('status'),
  ];
}

interface Turn {
  ours: CommandTimes;
  floor: CommandTimes;
}

export async function runP8(bench: Bench, isQuick: boolean): Promise<Results> {
  const home = join(bench.dir, 'p8');
  const cwd = join(home, 'tree');
  await mkdir(cwd, { recursive: true });
  const box = await Stand.open(bench, {
    name: 'signalbox-p8',
    host: 'hosts/signalbox.js',
    load: '',
    loads: 0,
    data: join(home, 'share', 'signalbox', 'default'),
  });
  const other = await Caller.open(box.facts.ws, box.facts.token);
  try {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      XDG_DATA_HOME: join(home, 'share'),
      SIGNALBOX_AS: ME,
    };
    const entry = await installedEntry();
    const turns = await takeTurns(entry, { cwd, env }, other, isQuick ? 4 : 20);
    return resultsOf(box, turns);
  } finally {
    other.close();
    await box.close();
  }
}

/** What `npm install` links to. */
async function installedEntry(): Promise<readonly string[]> {
  const { bin } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  return [process.execPath, fileURLToPath(new URL(bin.signalbox, root))];
}

/** The empty program and the verb in turn, so that what disturbs one disturbs the other. */
async function takeTurns(
  entry: readonly string[],
  place: CommandPlace,
  other: Caller,
  rounds: number,
): Promise<ReadonlyMap<string, readonly Turn[]>> {
  const me = await joined(entry, place, other);
  const desk = deskOf(other, me);
  const verbs = verbsOf({ job: '' });
  const turns = new Map<string, Turn[]>(verbs.map(([name]) => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const [name, words, stdin] of verbs) {
      const command = [...entry, ...(await words(desk))];
      const floor = await timeCommand(empty, place);
      turns.get(name)!.push({ ours: await timeCommand(command, place, stdin), floor });
    }
  }
  return turns;
}

/** The id of who runs the verbs. */
async function joined(
  entry: readonly string[],
  place: CommandPlace,
  other: Caller,
): Promise<string> {
  await other.call('peer.join', { id: newId(), name: OTHER });
  await timeCommand([...entry, 'join'], place);
  const { rows } = await other.call('peer.list', {});
  return (rows as { peer: string; name: string }[]).find(({ name }) => name === ME)!.peer;
}

const newId = idMaker();

function deskOf(other: Caller, to: string): Desk {
  const say = async (method: string, params: object, made: string) => {
    const id = newId();
    return String((await other.call(method, { id, ...params }))[made]);
  };
  return {
    asked: () => say('ask.open', { to, text: 'may I merge the branch?' }, 'ask'),
    notified: () => say('notify.send', { to, text: 'the branch is merged' }, 'message'),
    offered: () => say('job.create', { title: 'merge the branch' }, 'job'),
  };
}

function resultsOf(box: Stand<never>, turns: ReadonlyMap<string, readonly Turn[]>): Results {
  const walls = (all: readonly Turn[], of: keyof Turn) => all.map(turn => turn[of].wall_ms);
  const all = [...turns].map(([name, each]) => {
    const [ours, floor] = [walls(each, 'ours'), walls(each, 'floor')];
    const cpu = (of: keyof Turn) => median(each.map(turn => turn[of].cpu_ms));
    const ratio = ratioOf(ours, floor);
    return { name, ratio, wall: median(ours), least: Math.min(...ours), cpu: cpu('ours'), each };
  });
  const empties = [...turns.values()].flat();
  const floor = median(walls(empties, 'floor'));
  const floorCpu = median(empties.map(turn => turn.floor.cpu_ms));
  const isHook = ({ name }: { name: string }) => name.startsWith('hook ');
  const verbs = all.filter(each => !isHook(each));
  const worstOf = (some: typeof all) => some.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  const worst = worstOf(verbs);
  const worstHook = worstOf(all.filter(isHook));
  const middle = median(verbs.map(({ ratio }) => ratio));
  const common = {
    floor: `node -e 0: ${figure(floor)} ms`,
    target: { of: 'node -e 0', most: MOST },
    sizes: `${verbs.length} verbs, ${worst.each.length} times each`,
    natsServer: box.facts.nats.version,
    durability: box.facts.durability,
  };
  return {
    lines: [
      {
        ...common,
        scenario: 'P8 a verb of the command line, the middle one',
        measured: `${figure(median(verbs.map(({ wall }) => wall)))} ms`,
        ratio: middle,
      },
      {
        ...common,
        scenario: `P8 a verb of the command line, the slowest: \`${worst.name}\``,
        measured: `${figure(worst.wall)} ms`,
        ratio: worst.ratio,
      },
      {
        ...common,
        scenario: `P8 a hook, the slowest: \`${worstHook.name}\``,
        sizes: `${all.length - verbs.length} hooks, ${worst.each.length} times each`,
        target: { of: 'node -e 0', most: HOOK_MOST },
        measured: `${figure(worstHook.wall)} ms`,
        ratio: worstHook.ratio,
      },
    ],
    tables: [
      {
        title: 'P8: a verb of the command line, from start to exit',
        head: ['', 'wall ms', 'least', 'CPU ms', 'wall ÷ floor', 'CPU ÷ floor'],
        rows: [
          ['floor: node -e 0', figure(floor), '–', figure(floorCpu), '1.00', '1.00'],
          ...all.map(({ name, wall, least, cpu, ratio }) => [
            `\`${name}\``,
            ...[wall, least, cpu].map(figure),
            ratio.toFixed(2),
            (cpu / floorCpu).toFixed(2),
          ]),
        ],
        notes: [
          'Medians; before each run the empty program ran, and ratios are of such pairs. CPU is ' +
            'user and system time of the command alone, as the shell tells it. Nearly nothing ' +
            'is in its environment: NODE_EXTRA_CA_CERTS alone triples an empty program.',
        ],
      },
    ],
    chart: {
      scenario: 'P8',
      title: 'P8: a verb of the command line, ms',
      bars: [
        ...all.map(({ name, wall }) => ({ label: name, value: wall, isFloor: false })),
        { label: 'node -e 0', value: floor, isFloor: true },
      ],
    },
    faults: noFaults(),
  };
}
