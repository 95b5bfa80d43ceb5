// The program: its global options and every verb, in the order in which help shows them.
import { Command, InvalidArgumentError } from 'commander';
import { Failure } from '../terminal/exit.js';
import { ack } from './ack.js';
import { approve } from './approve.js';
import { ask } from './ask.js';
import { asks } from './asks.js';
import { at } from './at.js';
import { board } from './board.js';
import { broadcast } from './broadcast.js';
import { cancel } from './cancel.js';
import { cleanup } from './cleanup.js';
import { type Act, type Cli, type CliVerb, openCli, type TypedOptions, type World } from './cli.js';
import { completion } from './completion.js';
import { demandSound, readSettingsWhole } from './config/settings.js';
import { config } from './config.js';
import { context } from './context.js';
import { deadLetter } from './dead-letter.js';
import { decline } from './decline.js';
import { demo } from './demo.js';
import { describe } from './describe.js';
import { doctor } from './doctor.js';
import { down } from './down.js';
import { hook } from './hook.js';
import { inbox } from './inbox.js';
import { job } from './job.js';
import { join } from './join.js';
import { kill } from './kill.js';
import { lease } from './lease.js';
import { leave } from './leave.js';
import { log } from './log.js';
import { mcp } from './mcp.js';
import { memory } from './memory.js';
import { Misuse } from './misuse.js';
import { notify } from './notify.js';
import { open } from './open.js';
import { examples } from './options.js';
import { orchestrator } from './orchestrator.js';
import { peers } from './peers.js';
import { rename } from './rename.js';
import { replay } from './replay.js';
import { reply } from './reply.js';
import { retract } from './retract.js';
import { review } from './review.js';
import { rollup } from './rollup.js';
import { schedule } from './schedule.js';
import { search } from './search.js';
import { service } from './service.js';
import { setup } from './setup.js';
import { spawn } from './spawn.js';
import { stats } from './stats.js';
import { status } from './status.js';
import { tail } from './tail.js';
import { thread } from './thread.js';
import { timeline } from './timeline.js';
import { token } from './token.js';
import { trace } from './trace.js';
import { turn } from './turn.js';
import { up } from './up.js';
import { usage } from './usage.js';
import { version } from './version.js';
import { watch } from './watch.js';
import { webhook } from './webhook.js';
import { whoami } from './whoami.js';

const verbs: Readonly<Record<string, Readonly<Record<string, CliVerb>>>> = {
  'The broker:': {
    up,
    down,
    service,
    status,
    open,
    doctor,
    setup,
    context,
    config,
    token,
    log,
    completion,
  },
  'Demo:': { demo },
  'Who you are:': { join, whoami, rename, describe, turn, leave, peers },
  'Asking and answering:': { ask, asks, approve, rollup, reply, decline, cancel },
  'Messages:': { notify, broadcast, retract },
  'Handing over work:': { job, schedule, review },
  'Coding agents:': { hook, mcp },
  'Orchestrating:': {
    orchestrator,
    memory,
    board,
    spawn,
    kill,
    cleanup,
    lease,
    watch,
  },
  'Telling others:': { webhook, 'dead-letter': deadLetter },
  'Overview:': { usage, stats },
  'Reading:': { inbox, ack, tail, search, timeline, thread, trace, at, replay },
};

/**
 * The program, ready to parse; its verbs act in the world given. Commander's ends are thrown. Of
 * the words that will be parsed, where they are told, it has only the verb that they name.
 */
export function makeProgram(world: World, words: readonly string[] = []): Command {
  const program = new Command('signalbox')
    .description('A message broker for coding agents, services and people, on one durable log.')
    .version(version)
    .option(
      '--url <url>',
      'the broker, or several with commas (default: SIGNALBOX_URL, else the one that runs here)',
      (url: string, former?: string) => (former === undefined ? url : `${former},${url}`),
    )
    .option('--token-file <file>', 'the token to authenticate with (default: SIGNALBOX_TOKEN_FILE)')
    .option('--as <name>', 'speak as this person (default: SIGNALBOX_AS, else your user name)')
    .option('--circle <name>', 'the circle to address, or to join', peerName)
    .option('--context <name>', 'a broker by its name (signalbox context list)', peerName)
    .option('--mesh <name>', 'which of the meshes that run here (default: default)', peerName)
    .option('--data <dir>', 'a data directory of your choice')
    .option('--json', 'data as JSON')
    .option('--jsonl', 'data as JSON, one line for each row')
    .configureHelp({ showGlobalOptions: true })
    // What is wrong is said where every other end is: by whoever catches it.
    .configureOutput({ outputError: () => {} })
    .helpCommand(false)
    .addHelpText('after', examples('signalbox up', 'signalbox ask api "may I merge?" --wait'));
  const meant = firstWord(program, words);
  const own = Object.values(verbs).find(group => Object.hasOwn(group, meant ?? ''))?.[meant ?? ''];
  // What may follow other verbs is read off them.
  if (own !== undefined && own !== completion) {
    own(program, actIn(world));
    return named(program, []);
  }
  for (const [heading, group] of Object.entries(verbs)) {
    program.commandsGroup(heading);
    for (const add of Object.values(group)) add(program, actIn(world));
  }
  program.commandsGroup('Help:');
  return withHelp(named(program, []));
}

/** The first word that is neither an option of the program nor the value of one: a verb, mostly. */
function firstWord(program: Command, words: readonly string[]): string | undefined {
  const taking = new Set(
    program.options.filter(({ required }) => required).map(({ long }) => long),
  );
  return words.find((word, index) => !word.startsWith('-') && !taking.has(words[index - 1] ?? ''));
}

/** Every error in parsing tells the verb at which it arose. */
function named(command: Command, path: readonly string[]): Command {
  command.exitOverride(error => {
    throw new Misuse(error, path.join(' '));
  });
  for (const each of command.commands) named(each, [...path, each.name()]);
  return command;
}

/** `help job create` is the help of `job create`, however deep a verb stands. */
function withHelp(program: Command): Command {
  program
    .command('help')
    .argument('[verb...]', 'the verb, as job create')
    .description('show how a verb is used')
    .addHelpText('after', examples('signalbox help ask', 'signalbox help job create'))
    .action(async (words: string[]) => {
      let found = program;
      for (const word of words) {
        const next = found.commands.find(command => command.name() === word);
        // The parser says what is wrong with a word that is no verb, and what it may have meant.
        if (next === undefined) return void (await found.parseAsync([word], { from: 'user' }));
        found = next;
      }
      found.help();
    });
  return program;
}

function peerName(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('Use 1-64 of a-z 0-9 . _ - and begin with a letter or digit.');
}

/** An empty variable of a shell is no choice: what it stands for would be anything. */
function demandValues(command: Command): void {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const option of at.options) {
      if (at.getOptionValue(option.attributeName()) !== '') continue;
      throw new Failure('usage', `option '${option.flags}' is empty`, {
        hint: 'give it a value, or leave it out',
      });
    }
  }
  command.registeredArguments.forEach((argument, index) => {
    if (argument.variadic || command.args[index] !== '') return;
    throw new Failure('usage', `argument '${argument.name()}' is empty`);
  });
}

/** What a broken config file must not keep from being used. */
const MENDING = ['config', 'doctor', 'completion', 'hook'];

/** The verb of which a command is a part. */
function verbOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? verbOf(parent) : command.name();
}

function actIn(world: World): Act {
  return <Given extends unknown[]>(work: (cli: Cli, ...given: Given) => Promise<void>) =>
    async (...all: [...Given, Command]) => {
      const command = all.at(-1) as Command;
      demandValues(command);
      const given = all.slice(0, command.registeredArguments.length + 1) as unknown as Given;
      const settings = await readSettingsWhole(world);
      if (!MENDING.includes(verbOf(command))) demandSound(settings);
      await work(openCli(world, command.optsWithGlobals<TypedOptions>(), settings), ...given);
    };
}
