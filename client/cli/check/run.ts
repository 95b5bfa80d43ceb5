// One run of the doctor: every look in the order in which a newcomer meets them, then the cures.
import { dirname, join } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import type { Terminal } from '../../terminal/terminal.js';
import { LIST } from '../../workspace/accepted.js';
import type { Cli } from '../cli.js';
import { readEndpoint, upFor } from '../reach/endpoint.js';
import { dataDirectory, endpointFile } from '../reach/paths.js';
import type { Reach } from '../reach/reach.js';
import { checkAgents } from './agents.js';
import { checkBroker } from './broker.js';
import { checkData, checkOtherMeshes, checkPort, checkRoom } from './data.js';
import { checkEnvironment } from './environment.js';
import { checkFiles, checkIdentities, checkWorkspaces, type SecretFile } from './files.js';
import {
  type Finding,
  type FindingRow,
  faultOf,
  lookAtAll,
  mendAll,
  rowOf,
  rowsAfter,
  well,
} from './finding.js';
import { checkNatsServer, checkNode } from './tools.js';

/** Looks, mends when told to, tells. A Failure where a fault is left. */
export async function runDoctor(cli: Cli, isToFix: boolean): Promise<void> {
  const { terminal } = cli;
  const rows = await terminal.during('looking', examined(cli, isToFix));
  const told = () => rows.flatMap(row => lines(row, terminal));
  await terminal.many(rows, told, 'nothing to look at');
  const faults = rows.filter(({ ok }) => !ok);
  if (faults.length === 0) return;
  const fixable = faults.filter(({ fixable }) => fixable).length;
  const hint = fixable > 0 && !isToFix ? `signalbox doctor --fix cures ${fixable} of that` : '';
  const count = faults.length === 1 ? '1 thing is' : `${faults.length} things are`;
  throw new Failure('failed', `${count} wrong`, { ...(hint && { hint }) });
}

async function examined(cli: Cli, isToFix: boolean): Promise<FindingRow[]> {
  const found = await examine(cli);
  if (!isToFix) return found.map(rowOf);
  const tried = await mendAll(found);
  return tried.length === 0 ? found.map(rowOf) : rowsAfter(tried, await examine(cli));
}

function lines({ what, ok, detail, cure, fixed }: FindingRow, { paint, text }: Terminal): string[] {
  const good = cure === undefined ? paint.green(fixed ? 'fixed' : 'ok   ') : paint.yellow('note ');
  const mark = ok ? good : paint.red('wrong');
  return [
    `${mark}  ${what}: ${text(detail)}`,
    ...(cure ? [`       ${paint.bold(text(cure))}`] : []),
  ];
}

async function examine(cli: Cli): Promise<Finding[]> {
  const { world, options, paths } = cli;
  const reach = await cli.reach().catch((error: Error) => error);
  const place = placeOf(cli);
  const url = reach instanceof Error ? undefined : reach.site.url;
  return lookAtAll([
    ['node', async () => [checkNode(process.version)]],
    ['environment', () => checkEnvironment(world.env, process.version)],
    ['nats-server', async () => [await checkNatsServer(world.env)]],
    ['home', async () => [await checkRoom('home', paths.state)]],
    ['disk', async () => [await checkRoom('disk', place().dataDir)]],
    ['data', () => checkData(place().dataDir, upFor(options))],
    ['meshes', () => checkOtherMeshes(paths.data, place().dataDir)],
    ['files', async () => checkFiles(await secretFiles(cli, place().dataDir, reach))],
    ['identities', () => checkIdentities(paths.state)],
    ['workspaces', () => checkWorkspaces(paths.state)],
    ['broker', () => brokerRows(cli, reach)],
    ['agents', () => checkAgents({ cli, home: place().home, ...(url && { url }) })],
  ]);
}

/** Throws a Failure for a user without a home, at each look that needs one. */
function placeOf({ world, options, paths }: Cli) {
  return () => ({
    dataDir: options.data ?? dataDirectory(paths, options.mesh),
    home: world.home ?? dirname(paths.state),
  });
}

async function brokerRows(cli: Cli, reach: Reach | Error): Promise<Finding[]> {
  const { options, world } = cli;
  if (reach instanceof Error) {
    const absent = faultOf('broker', reach, 'start it with: signalbox up');
    // Where none was named, `up` would take this port.
    const isOwn = options.mesh === 'default' && world.env.SIGNALBOX_URL === undefined;
    const taken = isOwn ? await checkPort(UP_PORT, 'signalbox up --port 0') : [];
    return [absent, ...taken];
  }
  const { mesh, data } = options;
  const meant = { env: world.env, mesh, ...(data !== undefined && { data }) };
  return [...(await checkBroker(reach, meant)), await identity(cli, reach)];
}

/** As `up` has it where no other is named. */
const UP_PORT = 7117;

async function secretFiles(cli: Cli, dataDir: string, reach: Reach | Error): Promise<SecretFile[]> {
  const own = await readEndpoint(dataDir);
  const token = reach instanceof Error ? own?.token_file : reach.site.tokenFile;
  const files: SecretFile[] = [
    { what: 'data directory', path: dataDir, mode: 0o700 },
    { what: 'endpoint file', path: endpointFile(dataDir), mode: 0o600 },
    { what: 'list of workspaces', path: join(cli.paths.state, LIST), mode: 0o600 },
  ];
  if (token !== undefined) files.push({ what: 'token file', path: token, mode: 0o600 });
  if (cli.world.env.SIGNALBOX_SECRET_FILE) {
    files.push({ what: 'secret file', path: cli.world.env.SIGNALBOX_SECRET_FILE, mode: 0o600 });
  }
  return files;
}

async function identity(cli: Cli, reach: Reach): Promise<Finding> {
  if ('agent' in cli.who) return well('identity', `the agent ${cli.who.agent}`);
  const { person: name } = cli.who;
  const person = await reach.person().catch((error: Error) => error);
  if (person instanceof Error) return faultOf('identity', person, 'start the broker: signalbox up');
  if (person) return well('identity', `${person.name} (${person.peer})`);
  return well('identity', `${name} has not joined yet; signalbox join`);
}
