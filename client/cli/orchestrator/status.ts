// The verb orchestrator status: whether somebody live coordinates the peers, and the folder here.
import type { Result } from '../../../schemas/method.js';
import { Failure } from '../../terminal/exit.js';
import { age, span } from '../../terminal/times.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';

type Status = Result<'orchestrator.status'>;

export const status: CliVerb = (group, act) => {
  group
    .command('status')
    .description('show whether a live orchestrator is there (0, else 5), and the workspace here')
    .addHelpText(
      'after',
      examples(
        'signalbox orchestrator status',
        'signalbox orchestrator status --circle web && signalbox ask boss "what next?"',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli): Promise<void> {
  const { terminal } = cli;
  const { circle } = cli.options;
  const asked = async () => {
    const reach = await cli.reach();
    return reach.read('orchestrator.status', circle === undefined ? {} : { circle });
  };
  // The folder stands as it stands, whether anybody can be asked who leads or not.
  const answer = await terminal.during('asking', asked()).catch((error: Error) => error);
  const found = answer instanceof Error ? undefined : answer;
  const { standingLines, workspaceStanding } = await import('./standing.js');
  const workspace = await workspaceStanding(cli);
  if (found !== undefined || workspace !== undefined) {
    await terminal.one({ ...found, ...(workspace && { workspace }) }, () => [
      ...(found === undefined ? [] : lines(found, brokerTime.now())),
      ...(workspace === undefined ? [] : standingLines(workspace)),
    ]);
  }
  if (found === undefined) throw answer;
  if (found.present) return;
  const where = found.circle === '*' ? '' : ` of circle ${found.circle}`;
  throw new Failure('unknown', `no orchestrator${where} is there`, {
    hint: 'one is there when a peer of the role orchestrator is connected',
  });
}

function lines(found: Status, now: number): string[] {
  const { present, name, peer, last_seen, stale_after_s, others } = found;
  const seen = last_seen === undefined ? '' : `, seen ${age(last_seen, now)}`;
  const first = name === undefined ? [] : [`${name}  ${present ? 'present' : 'away'}${seen}`];
  return [
    ...first.map(line => `${line} (stale after ${span(stale_after_s)})  ${peer ?? ''}`.trimEnd()),
    ...others.map(
      other => `${other.name}  ${other.status}, seen ${age(other.last_seen, now)}  ${other.peer}`,
    ),
  ];
}
