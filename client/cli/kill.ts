// The verb kill: ends a session that was spawned from here, and retires its peer.
import { calledOf, endProcesses } from '../spawn/proof.js';
import { keepRecord } from '../spawn/record.js';
import { closePane } from '../spawn/tmux.js';
import { Failure } from '../terminal/exit.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { allPeers } from './reach/peers.js';
import type { Reach } from './reach/reach.js';
import { takeBackBrief } from './spawn/brief.js';
import { findSpawn } from './spawn/find.js';
import { retirePeer } from './spawn/retire.js';

export const kill: CliVerb = (program, act) => {
  program
    .command('kill')
    .description('end a session that was spawned from here, and retire its peer')
    .argument('<session>', 'its name, or its id as spawn list shows it')
    .option('--force', 'end it though it is in the middle of a turn')
    .addHelpText('after', examples('signalbox kill shop-login', 'signalbox kill 3fa2c1 --force'))
    .action(act(run));
};

/** Nothing is ended that is not proven to be of that very spawn. */
async function run(cli: Cli, typed: string, { force = false }: { force?: boolean }): Promise<void> {
  const { terminal, paths } = cli;
  const reach = await cli.reach();
  const { record, standing } = await findSpawn(cli, typed).catch(async (error: Error) => {
    throw await notOurs(reach, typed, error);
  });
  const { spawn, name, peer, socket } = record;
  if (standing.root !== undefined) {
    if (!force) await demandAtRest(reach, name, peer);
    const ending = endProcesses(spawn, standing.root);
    const left = await terminal.during(`waiting for ${name} to end`, ending);
    if (left.length > 0) {
      const who = left.map(({ pid }) => `${pid} (${calledOf(pid)})`).join(', ');
      throw new Failure('failed', `${name} does not end: process ${who}`);
    }
  }
  if (standing.hasPane && socket !== undefined && !(await closePane(socket, spawn))) {
    throw new Failure('failed', `tmux does not take away the terminal of ${name}`);
  }
  if (record.joined_at === undefined && standing.state !== 'running') {
    await takeBackBrief(reach, record);
  }
  const isRetired = await terminal.during('retiring it', retirePeer(reach, record));
  keepRecord(paths.state, { ...record, killed: true });
  const ended = standing.root === undefined ? `${name} had ended already` : `ended ${name}`;
  const rest = record.tree === undefined ? 'what is left of it' : `its worktree ${record.path}`;
  await terminal.one({ spawn, name, peer, was: standing.state, retired: isRetired }, () => [
    isRetired ? `${ended}; its peer is retired` : `${ended}; its peer stays: no right to retire it`,
    `  ${rest} goes with: signalbox cleanup ${name}`,
  ]);
}

/** A session that somebody else has started is told apart from one that nobody has. */
async function notOurs(reach: Reach, typed: string, error: Error): Promise<Error> {
  if (!(error instanceof Failure) || error.exit !== 'unknown') return error;
  const peers = await allPeers(reach).catch(() => []);
  const there = peers.find(({ name, peer }) => name === typed || peer === typed);
  if (there === undefined) return error;
  const where = [there.runtime, there.machine, there.path].filter(Boolean).join(', ');
  return new Failure('unauthorised', `${there.name} was not spawned from here, and is left alone`, {
    hint: `it is ended where it runs${where ? `: ${where}` : ''}`,
    refusal: 'not_yours',
  });
}

async function demandAtRest(reach: Reach, name: string, peer: string | undefined): Promise<void> {
  if (peer === undefined) return;
  const { rows } = await reach.read('peer.get', { peers: [peer] }).catch(() => ({ rows: [] }));
  const [row] = rows;
  if (row?.turn !== 'working' || row.status === 'offline') return;
  const doing = row.description ? `: ${row.description}` : '';
  throw new Failure('conflict', `${name} is in the middle of a turn${doing}`, {
    hint: `wait for it, or end it all the same: signalbox kill ${name} --force`,
  });
}
