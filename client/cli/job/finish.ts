// The verb job finish: ends a job, well or badly, with what came of it.
import { limits } from '../../../schemas/limits.js';
import { Failure } from '../../terminal/exit.js';
import { shortId } from '../../terminal/short-id.js';
import { readAttachments } from '../attach.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, type TextOptions, withText } from '../options.js';
import { findJob } from '../reach/find.js';
import { needText, readText } from '../text.js';
import { attemptAt, attemptOption } from './attempt.js';

interface Options extends TextOptions {
  failed?: boolean;
  result?: string;
  artifact?: string[];
  inline?: boolean;
  error?: string;
  attempt?: number;
}

export const finish: CliVerb = (group, act) => {
  const verb = group
    .command('finish')
    .description('end a job of yours and say what came of it')
    .argument('<job>', 'its number or id as shown');
  const more = (item: string, former: string[] = []) => [...former, item];
  withText(verb)
    .option('--failed', 'it could not be done')
    .option('--error <text>', 'what went wrong, for whoever looks into it; means --failed')
    .option('--result <file>', 'what programs should read of it, JSON or text; - reads stdin')
    .option('--artifact <file>', 'a file or https:// address that came of it; repeatable', more)
    .option('--inline', 'send small artifacts themselves')
    .addOption(attemptOption())
    .addHelpText(
      'after',
      examples(
        'signalbox job finish 3fa2c1 "the login works again" --artifact report.md',
        'npm test --json | signalbox job finish 3fa2c1 "all green" --result -',
        'signalbox job finish 3fa2c1 --failed "no access to the server"',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, typed: string, words: string[], options: Options): Promise<void> {
  const { world, terminal } = cli;
  if (options.result === '-' && words.at(-1) === '-') {
    throw new Failure('usage', 'stdin can be the summary or the result, not both');
  }
  const summary = await needText({ words, ...options }, world);
  const result = await resultFrom(options.result, cli);
  const { artifact = [], inline = false, error } = options;
  const artifacts = await readAttachments(artifact, world.directory, { inline });
  const reach = await cli.reach();
  const job = await findJob(cli, reach, typed);
  const outcome = options.failed || error !== undefined ? 'failed' : 'completed';
  const call = reach.speak('job.finish', {
    job,
    attempt: await attemptAt(cli, reach, job, options.attempt),
    outcome,
    summary,
    ...(result !== undefined && { result }),
    ...(artifacts.length > 0 && { artifacts }),
    ...(error !== undefined && { error }),
  });
  const finished = await terminal.during('finishing', call);
  // A job that was to stop ends as cancelled, whatever its worker says.
  const { state } = await reach.read('job.get', { job });
  await terminal.one({ ...finished, state }, () => [`${state} ${shortId(job)}`]);
}

/** An object where the file is one in JSON, its text otherwise. */
async function resultFrom(
  file: string | undefined,
  { world }: Cli,
): Promise<Record<string, unknown> | string | undefined> {
  if (file === undefined) return undefined;
  const source = file === '-' ? { words: ['-'] } : { words: [], file };
  const text = (await readText(source, world)) ?? '';
  if (Buffer.byteLength(text) > limits.job_result_bytes) {
    const message = `the result is over the limit of ${limits.job_result_bytes} bytes`;
    throw new Failure('failed', message, { refusal: 'too_large', hint: 'give it as --artifact' });
  }
  return objectIn(text) ?? text;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
