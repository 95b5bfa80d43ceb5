// The work of the verb service: installs, shows and removes the service, and waits for its broker.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { shellLine } from '../../setup/program-words.js';
import { Failure } from '../../terminal/exit.js';
import type { Cli } from '../cli.js';
import type { Endpoint } from '../reach/endpoint.js';
import { answers, runningIn } from '../reach/running.js';
import type { UpOptions } from '../up/options.js';
import {
  demandOurs,
  removeService,
  type ServiceStanding,
  serviceText,
  standingOf,
  writeService,
} from './file.js';
import { type Keeper, openKeeper, type ServiceState } from './keepers.js';
import { keeperOf, type ServicePlan, servicePlan } from './plan.js';

/** What may be typed behind install. */
export interface InstallOptions extends UpOptions {
  dryRun?: boolean;
}

interface Place {
  plan: ServicePlan;
  standing: ServiceStanding;
  keeper: Keeper;
}

function placeOf(cli: Cli, options: UpOptions, platform: NodeJS.Platform): Place {
  const { env, userName } = cli.world;
  const plan = servicePlan(cli, keeperOf(platform), options);
  return {
    plan,
    standing: standingOf(plan.file),
    keeper: openKeeper(plan.keeper, env, userName),
  };
}

/** What does the same where nobody keeps services, as in a container. */
function instead({ words }: ServicePlan): string {
  const [node = '', file = '', ...rest] = words;
  const line = shellLine([node, file, ...rest]);
  return [
    'run it in the background, until the machine stops: signalbox up --detach',
    `at each start of the machine, with cron: (crontab -l; echo '@reboot ${line}') | crontab -`,
    `in a container, as its command: ${line}`,
  ].join('\n  ');
}

/** Writes the file of the service, starts it, and tells its broker once that is ready. */
export async function install(
  cli: Cli,
  options: InstallOptions,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const { terminal } = cli;
  const { plan, standing, keeper } = placeOf(cli, options, platform);
  const { label, file, dataDir, notes } = plan;
  demandOurs(file, standing);
  if (options.dryRun) {
    const made = standing.kind === 'ours' ? standing.made : 0;
    const text = serviceText(plan, made).replace(/(:\/\/)[^\s"/]*@/g, '$1…@');
    return terminal.one({ service: label, file, text }, () => [`# ${file}`, ...text.split('\n')]);
  }
  await keeper.demand(instead(plan));
  const before = await keeper.state(label);
  const running = await runningIn(dataDir);
  if (running.state === 'alive' && running.endpoint.pid !== before.pid) {
    const { url, pid } = running.endpoint;
    throw new Failure('conflict', `a broker runs in ${dataDir} already: ${url} (pid ${pid})`, {
      hint: 'stop it first, then the service takes its place: signalbox down',
    });
  }
  const changed = writeService(plan, standing);
  if (changed || !before.isActive) await keeper.start(label, file);
  const { url, pid } = await terminal.during('starting', ready(keeper, plan));
  const told = { service: label, file, changed, url, pid };
  await terminal.one(told, () => [
    `${label} ${changed ? 'is installed' : 'is as before'}: ${url} (pid ${pid})`,
    `  ${file}`,
    '  it starts at each login; see it with: signalbox service status',
  ]);
  for (const note of notes) terminal.say(note);
  await tellLinger(cli, keeper, label);
}

async function tellLinger({ terminal, world }: Cli, keeper: Keeper, label: string): Promise<void> {
  const { outlivesLogin } = await keeper.state(label);
  if (outlivesLogin !== false) return;
  terminal.say('it ends when you log out, and starts when you log in;');
  terminal.say(
    `to keep it from the start of the machine on: loginctl enable-linger ${world.userName}`,
  );
}

/** The endpoint of the broker, once it answers. Throws a Failure where the service gave it up. */
async function ready(keeper: Keeper, plan: ServicePlan): Promise<Endpoint> {
  const { label, dataDir } = plan;
  const hint = 'see why: signalbox service logs';
  for (let left = limits.service_ready_ms; left > 0; left -= limits.service_look_ms) {
    const running = await runningIn(dataDir);
    if (running.state === 'alive' && (await answers(running.endpoint.url))) return running.endpoint;
    const state = await keeper.state(label);
    if (state.isFailed)
      throw new Failure('failed', `${label} did not start: ${state.told}`, { hint });
    await sleep(limits.service_look_ms);
  }
  const limit_s = limits.service_ready_ms / 1_000;
  throw new Failure('unreachable', `${label} has no broker that answers after ${limit_s} s`, {
    hint,
  });
}

/** Stops the service and takes its file away. */
export async function uninstall(
  cli: Cli,
  { dryRun = false }: { dryRun?: boolean },
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const { terminal } = cli;
  const { plan, standing, keeper } = placeOf(cli, {}, platform);
  const { label, file } = plan;
  demandOurs(file, standing);
  if (standing.kind !== 'ours') {
    terminal.say(`${label} is not installed`);
    return terminal.one({ service: label, file, removed: false }, () => []);
  }
  if (dryRun) {
    const would = [`would stop ${label}`, `would remove ${file}`];
    return terminal.one({ service: label, file }, () => would);
  }
  await keeper.demand(`it cannot be stopped from here; its file: rm '${file}'`);
  await keeper.stop(label);
  removeService(file, standing.made);
  await keeper.forget(label);
  const kept = `the log of the mesh stays where it is: ${plan.dataDir}`;
  await terminal.one({ service: label, file, removed: true }, () => [
    `${label} is stopped and removed; ${kept}`,
  ]);
}

/** Shows how the service stands: a Failure where it is not there (5) or does not run (7). */
export async function status(
  cli: Cli,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const { plan, standing, keeper } = placeOf(cli, {}, platform);
  const { label, file, dataDir } = plan;
  if (standing.kind === 'none') {
    throw new Failure('unknown', `${label} is not installed`, {
      hint: 'install it with: signalbox service install',
    });
  }
  await keeper.demand(instead(plan));
  const state = await keeper.state(label);
  const running = await runningIn(dataDir);
  const endpoint = running.state === 'alive' ? running.endpoint : undefined;
  const isOwn = endpoint !== undefined && endpoint.pid === state.pid;
  const gone = standing.kind === 'ours' ? goneFiles(standing.text) : [];
  const told = {
    service: label,
    file,
    written: wordsFor[standing.kind],
    state: state.told,
    ...(state.pid !== undefined && { pid: state.pid }),
    ...(state.restarts ? { restarts: state.restarts } : {}),
    ...(endpoint && { broker: endpoint.url, ...(!isOwn && { broker_pid: endpoint.pid }) }),
    ...(state.outlivesLogin !== undefined && { outlives_login: state.outlivesLogin }),
    ...(gone.length > 0 && { missing: gone.join(' ') }),
  };
  await cli.terminal.one(told, () =>
    Object.entries(told).map(([key, value]) => `${key.padEnd(15)} ${value}`),
  );
  demandRunning(label, state, gone);
}

function demandRunning(label: string, { isActive }: ServiceState, gone: readonly string[]): void {
  if (gone.length > 0) {
    throw new Failure('failed', `${label} would start what is gone: ${gone.join(' ')}`, {
      hint: 'install it anew: signalbox service install',
    });
  }
  if (isActive) return;
  throw new Failure('unreachable', `${label} does not run`, {
    hint: 'see why: signalbox service logs   and start it: signalbox service install',
  });
}

const wordsFor: Readonly<Record<ServiceStanding['kind'], string>> = {
  none: 'not there',
  ours: 'by signalbox',
  changed: 'by signalbox, and changed by hand since',
  foreign: 'by somebody else',
};

/** The program's files as the service has them, those that are gone by now. */
function goneFiles(text: string): string[] {
  const line = /^ExecStart=:?(.*)$/m.exec(text)?.[1] ?? '';
  const unit = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const plain = unit.map(word => word.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1'));
  const listed = /<array>([\s\S]*?)<\/array>/.exec(text)?.[1] ?? '';
  const list = [...listed.matchAll(/<string>(.*)<\/string>/g)].map(([, word = '']) => word);
  const unescaped = list.map(word => word.replaceAll('&lt;', '<').replaceAll('&amp;', '&'));
  const words = [...plain.map(word => word.replaceAll('%%', '%')), ...unescaped].slice(0, 6);
  return words.filter(word => /^\/.*(?:node|\.c?js)$/.test(word) && !existsSync(word));
}
