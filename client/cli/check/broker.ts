// Whether the broker answers, lets us in, is ready, keeps its promise, and agrees on the time.
import { PROTOCOL } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import { RefusalError } from '../../sdk/errors.js';
import { Failure } from '../../terminal/exit.js';
import { span } from '../../terminal/times.js';
import { why } from '../../terminal/why.js';
import { readEndpoint, upFor } from '../reach/endpoint.js';
import { getPlainly } from '../reach/http.js';
import { listenerOn } from '../reach/process.js';
import type { Reach } from '../reach/reach.js';
import { answers } from '../reach/running.js';
import { version } from '../version.js';
import { type Finding, fault, faultOf, remark, well } from './finding.js';

interface Health {
  checks: Record<string, { ok: boolean; detail: string }>;
}

/** How this shell came to mean the broker that it means. */
export interface Meant {
  env: NodeJS.ProcessEnv;
  mesh: string;
  data?: string;
}

const SET_CLOCKS = 'set the clocks, as with NTP';
const LOOK_THERE = 'look at what the broker says where it runs';

/** Stops at the first thing without which the rest cannot be asked. */
export async function checkBroker(reach: Reach, meant: Meant): Promise<Finding[]> {
  const { brokers } = reach.site;
  const looks = brokers.urls.map(async url => ((await answers(url)) ? [] : [url]));
  const silent = (await Promise.all(looks)).flat();
  if (silent.length === brokers.urls.length) return [await absence(reach, meant)];
  const others = silent.map(url =>
    remark(`broker ${url}`, 'does not answer; another one does', 'start it, or leave its URL out'),
  );
  const { url } = reach.site;
  const asked = Date.now();
  const info = await reach.read('mesh.info', {}).catch((error: Error) => error);
  if (info instanceof Error) {
    return [well('broker', `${url} answers`), ...others, await lockedOut(reach, meant, info)];
  }
  const [credential, now] = [await reach.credential(), Date.now()];
  return [
    identityOf(reach, meant, info),
    ...others,
    well('token', 'is valid'),
    age(info),
    clock(info, asked, now),
    durability(info),
    ...(await checkReady(url, credential)),
  ];
}

/** Nobody, or somebody who is no broker. */
async function absence({ site }: Reach, meant: Meant): Promise<Finding> {
  const { url } = site;
  const { hostname, port } = new URL(url);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  const cure = isHere
    ? `start it with: ${upFor(meant)}`
    : `start it where it runs, or unset ${URL_}`;
  const holder = isHere ? await listenerOn(Number(port) || 80) : undefined;
  if (holder === undefined) return fault('broker', `nothing answers at ${url}`, cure);
  const detail = `what listens at ${url} does not answer as a broker: ${holder}`;
  return fault(
    'broker',
    detail,
    `stop that, or start a broker elsewhere: ${upFor(meant)} --port 0`,
  );
}

const URL_ = 'SIGNALBOX_URL';

/** One of another mesh or log than was meant is found before its refusals are wondered at. */
function identityOf({ site }: Reach, meant: Meant, info: Result<'mesh.info'>): Finding {
  const detail = `${site.url} answers, version ${info.version}, mesh ${info.mesh}`;
  if (site.log !== undefined && site.log !== info.log) {
    const other = `${detail}, but of another log than the one that was started here`;
    return fault('broker', other, `start yours anew: ${upFor(meant)} --port 0`);
  }
  if (meant.mesh !== 'default' && meant.mesh !== info.mesh) {
    const cure = `unset ${URL_}, or name the broker of that mesh with --url`;
    return fault('broker', `${detail}; you mean mesh ${meant.mesh}`, cure);
  }
  return well('broker', detail);
}

function age(info: Result<'mesh.info'>): Finding {
  if (info.protocol !== PROTOCOL) {
    const detail = `the broker speaks ${info.protocol}, this program ${PROTOCOL}`;
    return fault('version', detail, 'install the same version of Signalbox at both');
  }
  if (info.version === version) return well('version', `${version}, as this program`);
  const detail = `the broker is version ${info.version}, this program ${version}`;
  return remark(
    'version',
    detail,
    'restart the broker with the newer one: signalbox down, then up',
  );
}

/** Why we are not let in: no token, a damaged one, one of another broker, or one that has ended. */
async function lockedOut({ site }: Reach, meant: Meant, error: Error): Promise<Finding> {
  const isRefused = error instanceof RefusalError && error.refusal === 'unauthorized';
  if (!isRefused && !(error instanceof Failure)) return fault('answers', why(error), LOOK_THERE);
  const own = site.dataDir === undefined ? undefined : await readEndpoint(site.dataDir);
  const isOwn = own !== undefined && site.brokers.urls.includes(own.url);
  if (isOwn && site.tokenFile !== own.token_file) {
    const detail = `${site.tokenFile} is not for this broker, whose token is in ${own.token_file}`;
    const named = meant.env.SIGNALBOX_TOKEN_FILE === undefined ? '--token-file' : TOKEN;
    return fault('token', `${why(error)}: ${detail}`, `leave out ${named}: the right one is found`);
  }
  const cure = isOwn
    ? 'the file is not what the broker has read: restart it, signalbox down and then signalbox up'
    : `give --token-file FILE or ${TOKEN}; \`signalbox up\` names the file where it runs`;
  return isRefused
    ? fault('token', `${why(error)} (${site.tokenFile})`, cure)
    : faultOf('token', error, cure);
}

const TOKEN = 'SIGNALBOX_TOKEN_FILE';

function clock({ time }: Result<'mesh.info'>, asked: number, now: number): Finding {
  const offset = Math.round((asked + now) / 2 - time);
  const detail = `${Math.abs(offset)} ms ${offset < 0 ? 'behind' : 'ahead of'} the broker`;
  if (Math.abs(offset) < limits.clock_ahead_ms / 2) return well('clock', detail);
  const bound = span(limits.clock_ahead_ms / 1_000);
  return fault('clock', `${detail}; ids over ${bound} ahead are refused`, SET_CLOCKS);
}

function durability(info: Result<'mesh.info'>): Finding {
  if (info.durability === 'fsync') return well('durability', 'every commit is on disk (fsync)');
  if (/^replicated \d+$/.test(info.durability)) {
    return well('durability', `every commit is on a majority of servers (${info.durability})`);
  }
  if (info.durability === 'external')
    return well('durability', 'that of the server named by --nats');
  const detail = `${info.durability}: a power cut may lose the last acknowledged messages`;
  const cure = 'install nats-server 2.10 or newer, and start without --durability os';
  return remark('durability', detail, cure);
}

async function checkReady(url: string, credential: string): Promise<Finding[]> {
  const headers = { authorization: `Bearer ${credential}` };
  const signal = AbortSignal.timeout(limits.cli_probe_ms);
  try {
    const { text } = await getPlainly(`${url}/readyz?verbose`, { headers, signal });
    const { checks } = JSON.parse(await text()) as Health;
    return Object.entries(checks).map(([name, { ok, detail }]) =>
      ok ? well(name, detail) : fault(name, detail, name === 'clock' ? SET_CLOCKS : LOOK_THERE),
    );
  } catch (error) {
    return [fault('ready', (error as Error).message, LOOK_THERE)];
  }
}
