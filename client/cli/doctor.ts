// The verb doctor: looks at everything that can be wrong, and names the cure of each fault.
import { dirname } from 'node:path';
import { Failure } from '../terminal/exit.js';
import { checkBroker } from './check/broker.js';
import { checkFiles, type SecretFile } from './check/files.js';
import { type Finding, fault, well } from './check/finding.js';
import { checkNatsServer, checkNode } from './check/tools.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { readEndpoint } from './reach/endpoint.js';
import { dataDirectory, endpointFile } from './reach/paths.js';
import type { Reach } from './reach/reach.js';
import { runningIn } from './reach/running.js';

export const doctor: CliVerb = (program, act) => {
  program
    .command('doctor')
    .description('find what is wrong and how to fix it')
    .option('--fix', 'fix what can be fixed from here')
    .addHelpText('after', examples('signalbox doctor', 'signalbox doctor --fix --json'))
    .action(act(run));
};

async function run(cli: Cli, options: { fix?: boolean }): Promise<void> {
  const { terminal } = cli;
  const findings = await terminal.during('looking', examine(cli, options.fix ?? false));
  const told = () => findings.flatMap(finding => lines(finding, terminal));
  await terminal.many(findings, told, 'nothing to look at');
  const faults = findings.filter(finding => !finding.ok).length;
  if (faults === 0) return;
  throw new Failure('failed', `${faults} ${faults === 1 ? 'thing is' : 'things are'} wrong`);
}

function lines({ what, ok, detail, cure, fixed }: Finding, { paint }: Cli['terminal']): string[] {
  const mark = ok ? paint.green(fixed ? 'fixed' : 'ok   ') : paint.red('wrong');
  return [`${mark}  ${what}: ${detail}`, ...(cure ? [`       ${paint.bold(cure)}`] : [])];
}

async function examine(cli: Cli, fix: boolean): Promise<Finding[]> {
  const { env } = cli.world;
  const reach = await cli.reach().catch((error: Error) => error);
  const dataDir = cli.options.data ?? dataDirectory(cli.paths, cli.options.mesh);
  const unreachable = reach instanceof Failure ? reach.hint : undefined;
  return [
    checkNode(process.version),
    await checkNatsServer(env),
    await leftover(dataDir),
    ...(await checkFiles(await secretFiles(cli, dataDir, reach), fix)),
    ...(reach instanceof Error
      ? [fault('broker', reach.message, unreachable ?? 'start it with: signalbox up')]
      : [await identity(cli, reach), ...(await checkBroker(reach))]),
  ];
}

async function leftover(dataDir: string): Promise<Finding> {
  const running = await runningIn(dataDir);
  switch (running.state) {
    case 'none':
      return well('data', `no broker runs in ${dataDir}`);
    case 'alive':
      return well('data', `pid ${running.endpoint.pid} runs in ${dataDir}`);
    case 'dead': {
      const detail = `the broker in ${dataDir} was killed; nothing acknowledged is lost`;
      return fault('data', detail, 'start it again, which recovers it: signalbox up');
    }
  }
}

async function secretFiles(cli: Cli, dataDir: string, reach: Reach | Error): Promise<SecretFile[]> {
  const own = await readEndpoint(dataDir);
  const token = reach instanceof Error ? own?.token_file : reach.site.tokenFile;
  const files: SecretFile[] = [
    { what: 'data directory', path: dataDir, mode: 0o700 },
    { what: 'endpoint file', path: endpointFile(dataDir), mode: 0o600 },
  ];
  if (token !== undefined) files.push({ what: 'token file', path: token, mode: 0o600 });
  if (cli.world.env.SIGNALBOX_SECRET_FILE) {
    files.push({ what: 'secret file', path: cli.world.env.SIGNALBOX_SECRET_FILE, mode: 0o600 });
  }
  if (reach instanceof Error || 'agent' in cli.who) return files;
  const person = await reach.person().catch(() => undefined);
  if (person) files.push({ what: 'identities', path: dirname(person.file), mode: 0o700 });
  if (person) files.push({ what: 'identity file', path: person.file, mode: 0o600 });
  return files;
}

async function identity(cli: Cli, reach: Reach): Promise<Finding> {
  if ('agent' in cli.who) return well('identity', `the agent ${cli.who.agent}`);
  const person = await reach.person().catch((error: Error) => error);
  if (person instanceof Error) {
    const cure = person instanceof Failure ? person.hint : undefined;
    return fault('identity', person.message, cure ?? 'start the broker: signalbox up');
  }
  if (person) return well('identity', `${person.name} (${person.peer})`);
  return well('identity', `${cli.who.person} has not joined yet; signalbox join`);
}
