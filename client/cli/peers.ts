// The verb peers: who is there, what they do, and how much waits for them.
import type { PeerRow } from '../../schemas/peer.js';
import { capabilitiesText } from '../runtimes/when-seen.js';
import { type Column, columnLines } from '../terminal/columns.js';
import { oneLine } from '../terminal/safe.js';
import { age, span } from '../terminal/times.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { allPeers } from './reach/peers.js';

const CELL_CHARS = 40;
const TEXT_CHARS = 200;

export const peers: CliVerb = (program, act) => {
  program
    .command('peers')
    .description('list the peers you may see')
    .option('--all', 'those who are offline too')
    .addHelpText('after', examples('signalbox peers --all', 'signalbox peers --circle web --json'))
    .action(
      act(async (cli, options: { all?: boolean }) => {
        const { terminal } = cli;
        const reach = await cli.reach();
        const all = await terminal.during('asking', allPeers(reach, cli.options.circle));
        const rows = options.all ? all : all.filter(row => row.status !== 'offline');
        const away = all.length - rows.length;
        const none = away === 0 ? 'no peers' : `nobody is online; ${away} offline: see --all`;
        const lines = () => columnLines(peerColumns(brokerTime.now()), rows, terminal.width);
        await terminal.many(rows, lines, none);
        if (away > 0 && rows.length > 0) terminal.hint(`${away} offline: signalbox peers --all`);
      }),
    );
};

/** The table of peers, as they are at a time in ms UTC. */
export function peerColumns(now: number): Column<PeerRow>[] {
  return [
    { head: 'NAME', of: ({ name }) => name },
    { head: 'ROLE', of: ({ role }) => role },
    { head: 'STATUS', of: row => statusText(row, now) },
    { head: 'CIRCLE', of: ({ circle }) => circle },
    { head: 'PROJECT', of: ({ project = '' }) => oneLine(project, CELL_CHARS) },
    { head: 'WAITING', of: ({ queued }) => `${queued}` },
    { head: 'SEEN', of: ({ last_seen }) => age(last_seen, now) },
    { head: 'MAIL', of: ({ can }) => (can ? capabilitiesText(can) : ''), isOptional: true },
    { head: 'DOING', of: doingText },
  ];
}

/** Of one who is away, since when and why. */
export function statusText({ status, reason, offline_since }: PeerRow, now: number): string {
  if (status !== 'offline') return status;
  const since = offline_since === undefined ? '' : ` ${span((now - offline_since) / 1_000)}`;
  if (reason === undefined) return `offline${since}`;
  // Who only ever made single calls was seen all the same.
  const why = reason === 'never_connected' ? 'silent' : reason.replaceAll('_', ' ');
  return `offline${since}, ${why}`;
}

function doingText({ turn, turn_text = '', description = '' }: PeerRow): string {
  const waits = turn === 'awaiting_input' ? 'awaits input' : '';
  return [waits, oneLine(description || turn_text, TEXT_CHARS)].filter(Boolean).join(': ');
}
