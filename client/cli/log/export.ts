// The verb log export: writes out the log so that anybody can verify it.
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { limits } from '../../../schemas/limits.js';
import type { Params, Result } from '../../../schemas/method.js';
import { Failure } from '../../terminal/exit.js';
import type { Terminal } from '../../terminal/terminal.js';
import { fromMoment } from '../../terminal/times.js';
import { why } from '../../terminal/why.js';
import type { Act, Cli } from '../cli.js';
import { examples, someItems } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import type { Reach } from '../reach/reach.js';
import { readPlace } from './read.js';

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
    .option('--from <place>', 'start, a cursor, a position, an ISO time, or 10m ago', readPlace)
    .option('--to <place>', 'where to end (default: the end as it is now)', readPlace)
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
      examples(
        'signalbox log export -o log.jsonl',
        'signalbox log export --redact text --from 2026-03-09 > shown.jsonl',
        'signalbox log verify log.jsonl --key "$(signalbox log key)"',
      ),
    )
    .action(act(run));
}

async function run(cli: Cli, { from, to, format, redact, out }: Options): Promise<void> {
  const { terminal, world } = cli;
  const reach = await cli.reach();
  // Told the broker's time, a while ago is a while ago there.
  await reach.read('mesh.info', {});
  const wanted = { format, redact, ...placeOf('from', from), ...placeOf('to', to) };
  if (out === undefined) {
    for await (const lines of pages(reach, wanted, terminal)) await terminal.out(...lines);
    return;
  }
  const file = resolve(world.directory, out);
  const told = await exportTo(reach, wanted, file, terminal);
  await terminal.one({ file, ...told }, () => [`exported ${told.commits} commits to ${out}`]);
}

function placeOf(name: 'from' | 'to', text: string | undefined) {
  if (text === undefined) return {};
  const place = /^\d{1,11}$|^\d{15,16}$/.test(text)
    ? Number(text)
    : fromMoment(text, brokerTime.now());
  return { [name]: place };
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
export async function exportTo(
  reach: Reach,
  wanted: Wanted,
  file: string,
  terminal: Terminal,
  check: (draft: string) => Promise<void> = async () => {},
): Promise<{ commits: number }> {
  const failed = (error: unknown) => new Failure('failed', `cannot write ${file}: ${why(error)}`);
  const kept = await open(file, 'wx', 0o600).catch(error => {
    throw failed(error);
  });
  const draft = `${file}.part`;
  try {
    const handle = await open(draft, 'w', 0o600).catch(error => {
      throw failed(error);
    });
    const all = pages(reach, wanted, terminal);
    try {
      for (;;) {
        const step = await all.next();
        if (step.done) {
          await handle.sync().catch(error => {
            throw failed(error);
          });
          await check(draft);
          await rename(draft, file);
          return step.value;
        }
        await handle.writeFile(`${step.value.join('\n')}\n`).catch(error => {
          throw failed(error);
        });
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(file, { force: true });
    await rm(draft, { force: true });
    throw error;
  } finally {
    await kept.close();
  }
}
