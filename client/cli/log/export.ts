// The verb log export: writes out the log so that anybody can verify it.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { limits } from '../../../schemas/limits.js';
import type { Params, Result } from '../../../schemas/method.js';
import { PLACE_HELP } from '../../terminal/places.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { Act, Cli } from '../cli.js';
import { examples, someItems } from '../options.js';
import { place, placeAt } from '../reach/place.js';
import type { Reach } from '../reach/reach.js';
import { writeNew } from './draft.js';

type Wanted = Params<'log.export'>;

interface Options {
  from?: string;
  to?: string;
  format: 'jsonl' | 'cloudevents';
  redact: string[];
  out?: string;
}

/** Adds the verb below `log`. */
export function addExport(log: Command, act: Act): void {
  log
    .command('export')
    .description('write out the log, so that anybody can verify it')
    .option('--from <place>', 'where to begin (default: the start)', place)
    .option('--to <place>', 'where to end (default: the end as it is now)', place)
    .addOption(
      new Option('--format <format>', 'a line for each commit, or CloudEvents 1.0')
        .choices(['jsonl', 'cloudevents'])
        .default('jsonl'),
    )
    .option(
      '--redact <fields>',
      'take out these fields; text: all that is written freely',
      someItems,
      [],
    )
    .option('-o, --out <file>', 'write into a new file instead of stdout')
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox log export -o log.jsonl',
        'signalbox log export --redact text --from 2026-03-09 > shown.jsonl',
        'signalbox log verify log.jsonl --key "$(signalbox log key)"',
      )}`,
    )
    .action(act(run));
}

async function run(cli: Cli, { from, to, format, redact, out }: Options): Promise<void> {
  const { terminal, world } = cli;
  const reach = await cli.reach();
  const wanted = {
    format,
    redact,
    ...(from !== undefined && { from: await edgeAt(reach, from) }),
    ...(to !== undefined && { to: await edgeAt(reach, to) }),
  };
  if (out === undefined) {
    for await (const lines of pages(reach, wanted, terminal)) await terminal.out(...lines);
    return;
  }
  const file = resolve(world.directory, out);
  const told = await exportTo(reach, wanted, file, terminal);
  await terminal.one({ file, ...told }, () => [`exported ${told.commits} commits to ${out}`]);
}

/** Exports take a bare number as a position. */
async function edgeAt(reach: Reach, text: string): Promise<Wanted['from']> {
  const found = await placeAt(reach, text);
  return typeof found === 'object' && 'position' in found ? found.position : found;
}

/** The lines of an export, a page at a time; how far it is gets said beside them. */
export async function* pages(
  reach: Reach,
  wanted: Wanted,
  { say }: Terminal,
): AsyncGenerator<string[], { commits: number }> {
  let page: Result<'log.export'> = await reach.read('log.export', wanted);
  let saidAt = performance.now();
  for (;;) {
    yield page.lines;
    if (page.next === undefined) break;
    if (performance.now() - saidAt > limits.export_progress_ms) {
      saidAt = performance.now();
      const [done, of] = [page.done, page.to].map(at => Math.floor(at / limits.commit_positions));
      say(`exported up to commit ${done} of ${of}`);
    }
    page = await reach.read('log.export', { after: page.next });
  }
  return { commits: Math.floor(page.done / limits.commit_positions) };
}

/** Writes an export into a new file, whole or not at all. */
export function exportTo(
  reach: Reach,
  wanted: Wanted,
  file: string,
  terminal: Terminal,
  check: (draft: string) => Promise<void> = async () => {},
): Promise<{ commits: number }> {
  return writeNew(file, terminal.say, async draft => {
    const all = pages(reach, wanted, terminal);
    for (;;) {
      const step = await all.next();
      if (!step.done) {
        await draft.write(step.value);
        continue;
      }
      await draft.sync();
      await check(draft.path);
      return step.value;
    }
  });
}
