// Whether each coding agent is here, wired, trusted, and its hooks and MCP server really work.
import { realpathSync } from 'node:fs';
import { TRUST_STEP } from '../../setup/codex-hooks.js';
import { programWords } from '../../setup/program-words.js';
import { recordsFile } from '../../setup/records.js';
import { type RuntimeName, runtimeNames, settingsOf } from '../../setup/targets.js';
import type { Cli } from '../cli.js';
import { trustOf } from '../setup/trust.js';
import { type Finding, fault, remark, well } from './finding.js';
import { findProgram, programs } from './programs.js';
import { switchedOff } from './switches.js';
import { type AgentLook, type Scope, wiringOf } from './wiring.js';

/** Every runtime, all at once; where none is here, a word on that. */
export async function checkAgents(look: AgentLook): Promise<Finding[]> {
  const found = (await Promise.all(runtimeNames.map(name => checkAgent(look, name)))).flat();
  if (found.length > 0) return found;
  const names = runtimeNames.map(name => programs[name].name).join(', ');
  return [well('agents', `none is installed or wired here (${names})`)];
}

async function checkAgent(look: AgentLook, runtime: RuntimeName): Promise<Finding[]> {
  const { env, directory } = look.cli.world;
  const { name, program } = programs[runtime];
  const installed = await findProgram(program, env);
  const scopes = scopesOf(look, runtime);
  const wirings = await Promise.all(scopes.map(scope => wiringOf(scope, runtime)));
  const used = wirings.filter(({ isUsed }) => isUsed);
  if (installed === undefined && used.length === 0) return [];
  const setup = `signalbox setup ${runtime}`;
  const found: Finding[] = [];
  const said = `${name} ${installed?.version ?? '(version unknown)'}, ${installed?.path}`;
  if (installed !== undefined) found.push(well(runtime, said));
  else {
    const cure = `put it on PATH, or take what is wired out: ${setup} --remove`;
    found.push(remark(runtime, `${name} is wired, and not on PATH here`, cure));
  }
  if (used.length === 0) {
    const cure = `if you want it to be: ${setup}`;
    return [...found, remark(`${runtime} wiring`, 'not wired to Signalbox', cure)];
  }
  if (used.length > 1) {
    const detail = 'wired for this user and again for this project: its hooks run twice';
    found.push(remark(`${runtime} twice`, detail, `${setup} --project --remove`));
  }
  const off = switchedOff[runtime]({ env, home: look.home, directory });
  const trust = runtime === 'codex' && installed !== undefined ? trustIn(look.cli, scopes) : [];
  const rows = await Promise.all([...used.map(each => each.rows(look)), off, trust]);
  return [...found, ...rows.flat()];
}

/** Codex passes over a hook that it was not told to trust, and says nothing. */
async function trustIn(cli: Cli, scopes: readonly Scope[]): Promise<Finding[]> {
  const asked = await Promise.all(scopes.map(({ change }) => trustOf(cli, change)));
  const hooks = asked.flatMap(found => found ?? []);
  const open = hooks.filter(({ standing }) => standing !== 'trusted');
  if (hooks.length === 0) return [];
  if (open.length === 0) return [well('codex trust', `trusts all ${hooks.length} hooks of ours`)];
  const count = `${open.length} of ${hooks.length} hooks`;
  const detail = `Codex was not told to trust ${count}, and passes over them`;
  return [fault('codex trust', detail, `signalbox setup codex --trust, or ${TRUST_STEP}`)];
}

/** This user's settings, and those of the project where the shell stands. */
function scopesOf({ cli, home }: AgentLook, runtime: RuntimeName): Scope[] {
  const { world, paths } = cli;
  const { words, isFleeting } = programWords(world);
  const scope = (isProject: boolean): Scope => {
    const project = isProject ? { project: world.directory } : {};
    const ground = { env: world.env, home, ...project, words, allowsTools: false };
    const { targets } = settingsOf[runtime](ground);
    const mode = isProject ? 0o644 : 0o600;
    const change = { targets, isRemoval: false, records: recordsFile(paths.state), mode };
    return { isProject, isFleeting, change };
  };
  // At home the two are the same files.
  return isSame(home, world.directory) ? [scope(false)] : [scope(false), scope(true)];
}

function isSame(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return a === b;
  }
}
