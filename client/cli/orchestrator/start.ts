// The verb orchestrator start: begins the session of a workspace in this terminal.
import { Option } from 'commander';
import type { Result } from '../../../schemas/method.js';
import { type RuntimeName, runtimeNames } from '../../setup/targets.js';
import { Failure } from '../../terminal/exit.js';
import { age } from '../../terminal/times.js';
import { type Cli, type CliVerb, openCli } from '../cli.js';
import { readSettingsWhole } from '../config/settings.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import type { Site } from '../reach/endpoint.js';
import { nameFrom } from '../reach/who.js';
import type { SessionStart } from './foreground.js';

interface Options {
  runtime?: RuntimeName;
  beside?: boolean;
}

export const start: CliVerb = (group, act) => {
  const runtime = new Option('--runtime <name>', 'the agent (default: the first that is wired)');
  group
    .command('start')
    .description('begin the session of a workspace in this terminal; its exit code is this one')
    .argument('[dir]', 'the workspace (default: that in which you stand)')
    .argument('[args...]', 'behind a --: words for the agent itself')
    .addOption(runtime.choices(runtimeNames))
    .option('--beside', 'also where another orchestrator is live, as a second one')
    .addHelpText(
      'after',
      examples(
        'signalbox orchestrator start ~/orchestrator',
        'signalbox orchestrator start . --runtime codex --beside',
        'signalbox orchestrator start . --runtime claude-code -- --continue',
      ),
    )
    .action(act(run));
};

async function run(
  outside: Cli,
  first: string | undefined,
  rest: string[],
  options: Options,
): Promise<void> {
  // Behind a -- and no folder, the first word is the agent's.
  const [typed, args] = first?.startsWith('-') ? [undefined, [first, ...rest]] : [first, rest];
  const { workspacePlace } = await import('../../workspace/place.js');
  const { readMarker } = await import('../../workspace/marker.js');
  const { runSession } = await import('./foreground.js');
  const { programs } = await import('../check/programs.js');
  const root = workspacePlace(typed, outside.world.directory);
  const marker = readMarker(root);
  if (marker !== undefined && marker.pending.length > 0) {
    throw new Failure('failed', `${root} is only half made`, {
      hint: `complete it: signalbox orchestrator init ${root}`,
    });
  }
  const { accept } = await import('./here.js');
  accept(outside, root, false);
  const cli = await standingIn(outside, root);
  const { runtime, program } = await agentFor(cli, root, options);
  const circle = cli.options.circle ?? ('agent' in cli.who ? undefined : cli.who.circle);
  const reach = await cli.reach();
  const call = reach.read('orchestrator.status', { circle: circle ?? 'default' });
  const others = await cli.terminal.during('asking', call);
  if (others.present && !options.beside) throw taken(others);
  const own = marker?.name ?? nameFrom(root.split(/[\\/]/).at(-1) ?? '');
  const name = others.present ? nameFrom(`${own}-${runtime}`) : own;
  const session: SessionStart = {
    ...{ program, args, name, directory: root },
    ...{ ...(circle !== undefined && { circle }), broker: brokerIn(cli, reach.site) },
  };
  const where = circle === undefined ? '' : ` of circle ${circle}`;
  cli.terminal.say(`${programs[runtime].name} begins as ${name}, orchestrator${where}, in ${root}`);
  process.exitCode = await runSession(session, cli.world.env);
}

/** The same call as if it had been typed in the workspace, whose config file then holds. */
async function standingIn({ world, options, choice }: Cli, directory: string): Promise<Cli> {
  const { mesh, context, ...typed } = options;
  const isTyped = choice.by?.startsWith('--') === true;
  const within = { ...world, directory };
  const settings = await readSettingsWhole(within);
  const place = {
    ...(isTyped && context !== undefined && { context }),
    ...(choice.by === '--mesh' && { mesh }),
  };
  return openCli(within, { ...typed, ...place }, settings);
}

/** The agent that was named, else the first on the PATH that is wired. A Failure for none. */
async function agentFor(cli: Cli, root: string, { runtime }: Options) {
  const { agentsHere, wiredOf } = await import('./wiring.js');
  const { programPath, programs } = await import('../check/programs.js');
  const { env } = cli.world;
  const here = await agentsHere(env);
  const meant = runtime === undefined ? here : [runtime];
  const [first] = meant;
  if (first === undefined || (runtime !== undefined && !here.includes(runtime))) {
    const names = (runtime === undefined ? runtimeNames : [runtime]).map(
      name => programs[name].program,
    );
    const none = names.length === 1 ? `no ${names[0]} is on the PATH` : 'no agent is on the PATH';
    throw new Failure('unknown', none, { hint: `one of these is needed: ${names.join(', ')}` });
  }
  const [wired] = await wiredOf(cli, root, meant);
  if (wired === undefined) {
    throw new Failure('failed', `${first} is not wired to Signalbox: it would hear nobody`, {
      hint: `wire it: signalbox setup ${first}`,
    });
  }
  const program = await programPath(programs[wired].program, env);
  return { runtime: wired, program: program ?? programs[wired].program };
}

function taken({ name, last_seen, circle }: Result<'orchestrator.status'>): Failure {
  const seen = last_seen === undefined ? '' : `, seen ${age(last_seen, brokerTime.now())}`;
  return new Failure('conflict', `${name} is the orchestrator of circle ${circle}${seen}`, {
    hint:
      'end that session first, or begin a second one that follows it: --beside\n' +
      `  which takes over by: signalbox orchestrator handover --from ${name}`,
  });
}

/** What leads the session's hooks and tools to the broker that was typed here. */
function brokerIn({ choice, options }: Cli, { brokers, tokenFile }: Site): SessionStart['broker'] {
  const { by } = choice;
  const token = tokenFile === undefined ? {} : { SIGNALBOX_TOKEN_FILE: tokenFile };
  if (by === '--context' && options.data === undefined) {
    const { context } = options;
    return {
      SIGNALBOX_URL: undefined,
      SIGNALBOX_CONTEXT: context,
      ...(options.tokenFile && token),
    };
  }
  if (by?.startsWith('--') === true) return { SIGNALBOX_URL: brokers.urls.join(','), ...token };
  return options.tokenFile === undefined ? {} : token;
}
