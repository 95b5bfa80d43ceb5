// Environment variables that change how every hook and verb starts, or where its calls go.
import { stat } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { type Finding, fault, remark, well } from './finding.js';

/** What of the environment gets in the way; `node` is the version that runs, such as `v20.20.0`. */
export async function checkEnvironment(env: NodeJS.ProcessEnv, node: string): Promise<Finding[]> {
  const found = [nodeOptions(env), await certificates(env), proxy(env, node), path(env)];
  const news = found.filter(finding => finding !== undefined);
  return news.length > 0 ? news : [well('environment', 'nothing in it gets in the way')];
}

function nodeOptions({ NODE_OPTIONS: options }: NodeJS.ProcessEnv): Finding | undefined {
  if (!options) return undefined;
  const detail = `NODE_OPTIONS=${options} holds for every hook and every verb`;
  if (!/--inspect/.test(options)) {
    return remark('NODE_OPTIONS', detail, 'unset it where agents start, unless it is meant');
  }
  const cure = 'unset NODE_OPTIONS: each hook opens a debugger, and says so to its agent';
  return fault('NODE_OPTIONS', detail, cure);
}

async function certificates(env: NodeJS.ProcessEnv): Promise<Finding | undefined> {
  const { NODE_EXTRA_CA_CERTS: file } = env;
  if (!file) return undefined;
  const bytes = await stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
  const cure = 'unset NODE_EXTRA_CA_CERTS where agents start, or name a file of few certificates';
  if (bytes === undefined) {
    const detail = `${file} cannot be read: each start of Node complains of it`;
    return remark('NODE_EXTRA_CA_CERTS', detail, cure);
  }
  const detail = `${file}, ${Math.ceil(bytes / 1_024)} KiB, is read at each start of a hook`;
  return remark('NODE_EXTRA_CA_CERTS', detail, cure);
}

/** From these versions on Node itself obeys proxies, where it is told to. */
const OBEYS = [
  [22, 21],
  [24, 5],
] as const;

function proxy(env: NodeJS.ProcessEnv, node: string): Finding | undefined {
  const named = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].find(name => env[name]);
  if (named === undefined) return undefined;
  const free = (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/);
  if (free.some(host => ['*', '127.0.0.1', '127.0.0.0/8'].includes(host))) return undefined;
  const cure = 'export NO_PROXY=127.0.0.1,localhost';
  const isTold = env.NODE_USE_ENV_PROXY === '1' || /--use-env-proxy/.test(env.NODE_OPTIONS ?? '');
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number);
  const obeys = OBEYS.some(([from, since]) => major === from && minor >= since) || major > 24;
  if (isTold && obeys) {
    return fault('proxy', `${named} catches what is meant for the broker at 127.0.0.1`, cure);
  }
  const detail = `${named} may catch what other programs send to the broker at 127.0.0.1`;
  return remark('proxy', `${detail}; Signalbox itself passes it by`, cure);
}

/** Hooks and servers of agents are found by name only where each directory is named whole. */
function path({ PATH = '' }: NodeJS.ProcessEnv): Finding | undefined {
  if (PATH.split(delimiter).some(place => place.startsWith('/'))) return undefined;
  return fault('PATH', 'names no directory, so no program is found', 'set PATH');
}
