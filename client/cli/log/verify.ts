// The verb log verify: holds an export, or the log of a running broker, to its digests.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import { Failure } from '../../terminal/exit.js';
import type { Act, Cli } from '../cli.js';
import { examples } from '../options.js';
import { type Report, verifyFile } from './offline.js';

/** Adds the verb below `log`. */
export function addVerify(log: Command, act: Act): void {
  log
    .command('verify')
    .description('verify an export without any broker; without a file, the log of the broker')
    .argument('[file]', 'what signalbox log export or backup wrote')
    .option('--key <key>', 'a public key of a broker, from elsewhere; repeatable', moreKeys, [])
    .addHelpText(
      'after',
      `\n${[
        'Without a key this shows that the export agrees with itself, and no more: whoever wrote',
        'all of it anew is not found. Get the key from its broker: signalbox log key',
      ].join(
        '\n',
      )}\n${examples('signalbox log verify log.jsonl --key 9f…c2', 'signalbox log verify')}`,
    )
    .action(act(run));
}

function moreKeys(text: string, former: string[]): string[] {
  if (/^[0-9a-f]{64}$/.test(text)) return [...former, text];
  throw new InvalidArgumentError('A key is 64 hex digits, as signalbox log key prints it.');
}

async function run(cli: Cli, file: string | undefined, { key }: { key: string[] }): Promise<void> {
  if (file === undefined) return online(cli, key);
  const { terminal, world } = cli;
  const path = resolve(world.directory, file);
  const report = await terminal.during('verifying', verifyFile(path, { keys: key }));
  await terminal.one(report, () => lines(report, file));
  if (!report.ok) throw new Failure('failed', `${file} does not verify: ${report.reason}`);
}

function lines(report: Report, file: string): string[] {
  const { ok, log, from, to, events, grade, signed_to, bad_line, first_bad, redacted } = report;
  if (!ok) {
    const where = bad_line === undefined ? '' : ` at line ${bad_line} (position ${first_bad})`;
    return [`${file} is not as it was written${where}`];
  }
  const proof =
    grade === 'signed'
      ? `signed by the key you gave, up to commit ${signed_to} of ${to}`
      : 'self-consistent only: no key was given to hold it to';
  return [
    `${file} verifies: commits ${from} to ${to} of ${log}, ${events} events`,
    ...(redacted ? [`redacted: ${redacted.join(', ')}`] : []),
    proof,
  ];
}

async function online({ terminal, reach: open }: Cli, keys: readonly string[]): Promise<void> {
  if (keys.length > 1) {
    throw new Failure('usage', 'a broker is asked about one key; give several with an export');
  }
  const [key] = keys;
  const reach = await open();
  const { position } = await reach.read('mesh.audit', {});
  let from = 0;
  let checked = 0;
  let signed_to: number | undefined;
  let slice: Result<'log.verify'>;
  do {
    const call = reach.read('log.verify', { from, to: position, ...(key && { key }) });
    slice = await terminal.during(`verifying from position ${from}`, call);
    checked += slice.checked;
    signed_to = slice.signed_to ?? signed_to;
    from = slice.to + 1;
  } while (slice.ok && slice.to < position);
  const { ok, to, first_bad, reason } = slice;
  const grade = signed_to === undefined ? 'self-consistent only' : `signed up to ${signed_to}`;
  const told = {
    ok,
    from: 0,
    to,
    checked,
    grade: signed_to === undefined ? 'self_consistent' : 'signed',
  };
  const commits = Math.floor(to / limits.commit_positions);
  await terminal.one({ ...told, signed_to, first_bad, reason }, () =>
    ok ? [`verified ${checked} events in ${commits} commits: ${grade}`] : [`not as it was folded`],
  );
  if (!ok) throw new Failure('failed', `the log is bad from position ${first_bad}: ${reason}`);
  if (key !== undefined && signed_to === undefined) {
    throw new Failure('failed', 'nothing in the log is signed by the key that was given');
  }
}
