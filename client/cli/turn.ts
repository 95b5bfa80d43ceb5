// The verb turn: reports how a session's turn stands and what it used, as hooks do.
import { Argument, Option } from 'commander';
import { Failure } from '../terminal/exit.js';
import type { Cli, CliVerb } from './cli.js';
import { dollars, examples, type TextOptions, wholeNumber, withText } from './options.js';
import { readText } from './text.js';

interface Options extends TextOptions {
  role?: 'user' | 'assistant';
  model?: string;
  in?: number;
  out?: number;
  cost?: number;
  rateLimited?: boolean;
}

export const turn: CliVerb = (program, act) => {
  const verb = program
    .command('turn')
    .description('report whether you work, wait for a person or are idle, and what you used')
    .addArgument(new Argument('<state>', 'how it stands').choices(['idle', 'working', 'awaiting']));
  withText(verb)
    .addOption(new Option('--role <role>', 'who says the text').choices(['user', 'assistant']))
    .option('--model <name>', 'the model whose use is reported')
    .option('--in <tokens>', 'tokens it read', wholeNumber)
    .option('--out <tokens>', 'tokens it wrote', wholeNumber)
    .option('--cost <usd>', 'what that cost, in US dollars', dollars)
    .option('--rate-limited', 'it was rate-limited')
    .addHelpText(
      'after',
      examples(
        'signalbox turn working "running the tests"',
        'signalbox turn idle --model opus --in 1200 --out 300 --cost 0.04',
      ),
    )
    .action(act(run));
};

async function run(
  cli: Cli,
  state: 'idle' | 'working' | 'awaiting',
  words: string[],
  options: Options,
): Promise<void> {
  const usage = usageOf(options);
  const text = await readText({ words, ...options }, cli.world);
  const reach = await cli.reach();
  const call = reach.speak('peer.turn', {
    state: state === 'awaiting' ? 'awaiting_input' : state,
    ...(text !== undefined && { text }),
    ...(options.role && { role: options.role }),
    ...(usage && { usage }),
  });
  const told = await cli.terminal.during('reporting', call);
  await cli.terminal.one(told, () => [state === 'awaiting' ? 'awaiting input' : state]);
}

function usageOf({ model, in: input, out, cost, rateLimited }: Options) {
  const isGiven = [input, out, cost, rateLimited].some(value => value !== undefined);
  if (model === undefined) {
    if (!isGiven) return undefined;
    throw new Failure('usage', 'what was used needs its --model');
  }
  return {
    model,
    input_tokens: input ?? 0,
    output_tokens: out ?? 0,
    ...(cost !== undefined && { cost_usd: cost }),
    ...(rateLimited && { rate_limited: true }),
  };
}
