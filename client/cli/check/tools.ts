// Whether what a broker needs on this machine is here: the right Node, and a nats-server.
import { execFile } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { limits } from '../../../schemas/limits.js';
import { type Finding, fault, remark, well } from './finding.js';

const NODE = [20, 20] as const;
const NATS = [2, 10] as const;

/** Whether this Node is new enough. */
export function checkNode(running: string): Finding {
  const detail = `version ${running}`;
  if (isAtLeast(running, NODE)) return well('node', detail);
  return fault('node', `${detail} is too old`, `install Node ${NODE.join('.')} or newer`);
}

/** Looks for a nats-server as `up` would; none is well, because `up` then fetches one. */
export async function checkNatsServer(env: NodeJS.ProcessEnv): Promise<Finding> {
  const named = env.SIGNALBOX_NATS_SERVER;
  if (named) {
    const version = await versionOf(named);
    if (version !== undefined) return judged(named, version);
    const cure = 'correct SIGNALBOX_NATS_SERVER or unset it';
    return fault('nats-server', `${named} is no nats-server that runs`, cure);
  }
  const places = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  for (const place of places) {
    const path = join(place, 'nats-server');
    const version = await versionOf(path);
    if (version !== undefined) return judged(path, version);
  }
  return well('nats-server', 'none on the PATH; `signalbox up` fetches one once and keeps it');
}

function judged(path: string, version: string): Finding {
  const detail = `${path}, version ${version}`;
  if (isAtLeast(version, NATS)) return well('nats-server', detail);
  const cure = `install ${NATS.join('.')} or newer; \`signalbox up\` fetches one where it can`;
  const risk = 'too old to put every commit on disk: a power cut may lose the last messages';
  return remark('nats-server', `${detail}, is ${risk}`, cure);
}

async function versionOf(path: string): Promise<string | undefined> {
  const options = { timeout: limits.nats_version_ms };
  const said = await promisify(execFile)(path, ['--version'], options).catch(() => undefined);
  return /nats-server: v?(\d+\.\d+\.\d+)/.exec(said?.stdout ?? '')?.[1];
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.replace(/^v/, '').split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
