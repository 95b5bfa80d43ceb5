// The verb peers: who is there, what they do, and how much waits for them.
import type { PeerRow } from '../../schemas/peer.js';
import type { Verb } from './cli.js';
import { examples } from './options.js';
import { allPeers } from './reach/peers.js';
import { oneLine } from './show/safe.js';
import { tableLines } from './show/table.js';
import { age } from './show/times.js';

const CELL_CHARS = 40;
const TEXT_CHARS = 200;

export const peers: Verb = (program, act) => {
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
        const lines = () => tableLines(head, rows.map(cells), terminal.width);
        await terminal.many(rows, () => (rows.length === 0 ? [] : lines()));
        const away = all.length - rows.length;
        if (away > 0) terminal.hint(`${away} offline: signalbox peers --all`);
      }),
    );
};

const head = ['NAME', 'ROLE', 'STATUS', 'CIRCLE', 'PROJECT', 'WAITING', 'SEEN', 'DOING'];

function cells(row: PeerRow): string[] {
  const { name, role, status, circle, project = '', queued, description = '' } = row;
  const seen = age(row.last_seen, Date.now());
  const place = oneLine(project, CELL_CHARS);
  return [name, role, status, circle, place, `${queued}`, seen, oneLine(description, TEXT_CHARS)];
}
