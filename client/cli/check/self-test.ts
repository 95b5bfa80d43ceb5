// Runs what is wired into a coding agent as that agent would, harmlessly, and judges what comes.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { DOCTOR_EVENT } from '../../runtimes/adapter.js';
import { oneLine } from '../../terminal/safe.js';
import { why } from '../../terminal/why.js';
import { NOT_IN_TIME } from '../hook/hook-process.js';

/** A program to be tried. */
export interface Trial {
  words: readonly string[];
  /** True where the one word is a line of a shell. */
  isShellLine?: boolean;
  env: NodeJS.ProcessEnv;
  directory: string;
  /** Written to its stdin. */
  input: string;
  wait_ms: number;
  /** True when what it has said is enough: it is not waited for, and ended. */
  isEnough?(stdout: string): boolean;
}

/** How a trial went. */
export interface TrialRun {
  stdout: string;
  stderr: string;
  /** Absent where it did not end by itself. */
  code?: number;
  took_ms: number;
  /** What kept it from running to its end. */
  trouble?: string;
}

/** Runs a program in a group of its own, which is ended as a whole. Never rejects. */
export function tryProgram(trial: Trial): Promise<TrialRun> {
  const { env, directory, input, wait_ms, isEnough, isShellLine } = trial;
  const words = isShellLine ? ['sh', '-c', ...trial.words] : trial.words;
  const [program = '', ...args] = words;
  const since = performance.now();
  const said = { stdout: '', stderr: '' };
  return new Promise(resolve => {
    const child = spawn(program, args, { env, cwd: directory, detached: true });
    const end = (how: Pick<TrialRun, 'code' | 'trouble'>) => {
      clearTimeout(late);
      endGroup(child.pid);
      resolve({ ...said, took_ms: Math.round(performance.now() - since), ...how });
    };
    const late = setTimeout(() => end({ trouble: `did not end within ${wait_ms} ms` }), wait_ms);
    child.on('error', error => end({ trouble: why(error) }));
    child.on('close', (code, signal) => end({ code: code ?? 128 + constants.signals[signal!] }));
    // Who ends before it has read all is no fault of ours.
    child.stdin.on('error', () => {});
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', text => {
        if (said[stream].length < limits.setup_file_bytes) said[stream] += text;
        if (isEnough?.(said.stdout)) end({});
      });
    }
    if (isEnough === undefined) child.stdin.end(input);
    else child.stdin.write(input);
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** What a hook is told that is to do nothing but say where it would look for a broker. */
export function hookInput(directory: string): string {
  return JSON.stringify({ hook_event_name: DOCTOR_EVENT, session_id: 'doctor', cwd: directory });
}

/** What is wrong with a hook that ran so; undefined when nothing is. */
export function hookTrouble({ stdout, stderr, code, trouble }: TrialRun): string | undefined {
  const words = oneLine(stderr || stdout, limits.doctor_said_chars);
  const saying = words === '' ? '' : `: ${words}`;
  if (trouble !== undefined) return `${trouble}${saying}`;
  if (code !== 0) return `ended with ${code}${saying}`;
  if (brokerOf(stdout) !== undefined || isLate({ stderr })) return undefined;
  return `ended well, but is not the hook program of this version${saying}`;
}

/** True for a hook that let its agent go on rather than make it wait: the machine is busy. */
export function isLate({ stderr }: Pick<TrialRun, 'stderr'>): boolean {
  return stderr.includes(NOT_IN_TIME);
}

/** The broker that the hook would speak to: a URL, or null where it finds none. */
export function brokerOf(stdout: string): string | null | undefined {
  try {
    const { signalbox } = JSON.parse(stdout) as { signalbox?: string | null };
    return signalbox;
  } catch {
    return undefined;
  }
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'signalbox-doctor', version: '1' },
  },
};

/** The first words of a client of MCP. */
export const MCP_INPUT = `${JSON.stringify(INITIALIZE)}\n`;

/** Whether a server of MCP has answered them. */
export function hasInitialized(stdout: string): boolean {
  return stdout.split('\n').some(line => {
    try {
      const { id, result } = JSON.parse(line);
      return id === INITIALIZE.id && typeof result?.serverInfo?.name === 'string';
    } catch {
      return false;
    }
  });
}

/** What is wrong with a server of MCP that ran so; undefined when nothing is. */
export function mcpTrouble({ stdout, stderr, code, trouble }: TrialRun): string | undefined {
  if (hasInitialized(stdout)) return undefined;
  const words = oneLine(stderr || stdout, limits.doctor_said_chars);
  const ended = trouble ?? `ended with ${code}`;
  return `${ended} without an answer to initialize${words === '' ? '' : `: ${words}`}`;
}
