// Those who keep services running, systemd and launchd, as they are told and asked by commands.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import type { ServiceKeeper } from './plan.js';

/** What a keeper knows of a service. */
export interface ServiceState {
  isActive: boolean;
  /** It gave it up, or never could start it. */
  isFailed: boolean;
  /** In its own words. */
  told: string;
  pid?: number;
  restarts?: number;
  /** False where it ends with the last login of its user. */
  outlivesLogin?: boolean;
}

/** A keeper of services of this user. */
export interface Keeper {
  /** Throws a Failure, with `instead` as what to do, where none runs here. */
  demand(instead: string): Promise<void>;
  /** Starts what the file says, now and at each login. */
  start(label: string, file: string): Promise<void>;
  stop(label: string): Promise<void>;
  /** After the file has gone. */
  forget(label: string): Promise<void>;
  state(label: string): Promise<ServiceState>;
}

interface Outcome {
  /** Undefined where there is no such program. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

type Run = (program: string, ...args: string[]) => Promise<Outcome>;

/** The keeper, as it is found in the environment of a shell. */
export function openKeeper(kind: ServiceKeeper, env: NodeJS.ProcessEnv, userName: string): Keeper {
  const run: Run = async (program, ...args) => {
    try {
      const options = { env, timeout: limits.service_call_ms };
      const { stdout, stderr } = await promisify(execFile)(program, args, options);
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as Omit<Outcome, 'code'> & { code: unknown };
      if (code === 'ENOENT') return { code: undefined, stdout, stderr };
      return { code: typeof code === 'number' ? code : 1, stdout, stderr };
    }
  };
  return kind === 'systemd' ? systemd(run, userName) : launchd(run);
}

async function must(call: Promise<Outcome>, what: string): Promise<void> {
  const { code, stderr, stdout } = await call;
  if (code === 0) return;
  const cause = (stderr || stdout).trim().split('\n').slice(0, 3).join('; ');
  throw new Failure('failed', `cannot ${what}: ${cause || `exit ${code ?? 'without a program'}`}`);
}

function systemd(run: Run, userName: string): Keeper {
  const systemctl = (...args: string[]) => run('systemctl', '--user', ...args);
  return {
    demand: async instead => {
      const { code, stderr } = await systemctl('show', '--property=Version');
      if (code === 0) return;
      const cause = code === undefined ? 'systemctl is not here' : stderr.trim().split('\n')[0];
      throw new Failure('failed', `no systemd of this user runs here: ${cause}`, { hint: instead });
    },
    start: async label => {
      await must(systemctl('daemon-reload'), 'have systemd read its units');
      await must(systemctl('enable', label), `enable ${label}`);
      await must(systemctl('restart', label), `start ${label}`);
    },
    stop: label => must(systemctl('disable', '--now', label), `stop ${label}`),
    forget: async label => {
      await must(systemctl('daemon-reload'), 'have systemd read its units');
      await systemctl('reset-failed', label);
    },
    state: async label => {
      const properties = 'ActiveState,SubState,MainPID,NRestarts,Result,UnitFileState';
      const { stdout } = await systemctl('show', label, `--property=${properties}`);
      const facts = Object.fromEntries(stdout.split('\n').map(line => splitAt(line, '=')));
      const linger = await run('loginctl', 'show-user', userName, '--property=Linger');
      const { ActiveState = 'unknown', SubState = '', Result = '', UnitFileState = '' } = facts;
      const pid = Number(facts.MainPID);
      const isFailed = ActiveState === 'failed';
      const result = isFailed ? `: ${Result}` : '';
      return {
        isActive: ActiveState === 'active',
        isFailed,
        told: `${ActiveState} (${SubState}${result}), ${UnitFileState || 'not enabled'}`,
        ...(pid > 0 && { pid }),
        restarts: Number(facts.NRestarts ?? 0),
        ...(linger.code === 0 && { outlivesLogin: linger.stdout.trim() === 'Linger=yes' }),
      };
    },
  };
}

function splitAt(line: string, mark: string): [string, string] {
  const at = line.indexOf(mark);
  return [line.slice(0, at), line.slice(at + 1).trim()];
}

/** https://keith.github.io/xcode-man-pages/launchctl.1.html */
function launchd(run: Run): Keeper {
  const uid = process.getuid?.() ?? 0;
  // Without a screen, as over ssh, there is no domain of the screen's.
  const domain = async () => {
    const { code } = await run('launchctl', 'print', `gui/${uid}`);
    return code === 0 ? `gui/${uid}` : `user/${uid}`;
  };
  const bootout = async (label: string) =>
    run('launchctl', 'bootout', `${await domain()}/${label}`);
  return {
    demand: async instead => {
      const { code } = await run('launchctl', 'print', await domain());
      if (code === 0) return;
      throw new Failure('failed', 'launchctl does not answer here', { hint: instead });
    },
    start: async (label, file) => {
      await bootout(label);
      const target = await domain();
      // What was just ended may take a moment to be gone.
      for (let left = limits.service_tries; left > 1; left--) {
        const { code } = await run('launchctl', 'bootstrap', target, file);
        if (code === 0) return;
        await sleep(limits.service_look_ms);
      }
      await must(run('launchctl', 'bootstrap', target, file), `start ${label}`);
    },
    stop: async label => void (await bootout(label)),
    forget: async () => {},
    state: async label => {
      const { code, stdout } = await run('launchctl', 'print', `${await domain()}/${label}`);
      if (code !== 0) return { isActive: false, isFailed: false, told: 'not loaded' };
      const fact = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, 'm').exec(stdout)?.[1];
      const pid = Number(fact('pid'));
      const state = fact('state') ?? 'unknown';
      const last = fact('last exit code');
      return {
        isActive: state === 'running',
        isFailed: false,
        told: last === undefined ? state : `${state}, last exit code ${last}`,
        ...(pid > 0 && { pid }),
      };
    },
  };
}
