// Whether the broker answers, lets us in, is ready, keeps its promise, and agrees on the time.
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import { RefusalError } from '../../sdk/errors.js';
import { Failure } from '../../terminal/exit.js';
import { span } from '../../terminal/times.js';
import { getPlainly } from '../reach/http.js';
import type { Reach } from '../reach/reach.js';
import { answers } from '../reach/running.js';
import { type Finding, fault, well } from './finding.js';

interface Health {
  checks: Record<string, { ok: boolean; detail: string }>;
}

const SET_CLOCKS = 'set the clocks, as with NTP';
const LOOK_THERE = 'look at what the broker says where it runs';

/** Stops at the first thing without which the rest cannot be asked. */
export async function checkBroker(reach: Reach): Promise<Finding[]> {
  const { url } = reach.site;
  if (!(await answers(url))) {
    return [fault('broker', `nothing answers at ${url}`, 'start it with: signalbox up')];
  }
  const asked = Date.now();
  const info = await reach.read('mesh.info', {}).catch((error: Error) => error);
  if (info instanceof Error) return [well('broker', `${url} answers`), lockedOut(info)];
  const [credential, now] = [await reach.credential(), Date.now()];
  return [
    well('broker', `${url} answers, version ${info.version}, mesh ${info.mesh}`),
    well('token', 'is valid'),
    clock(info, asked, now),
    durability(info),
    ...(await checkReady(url, credential)),
  ];
}

function lockedOut(error: Error): Finding {
  const isToken = error instanceof RefusalError && error.refusal === 'unauthorized';
  if (!isToken && !(error instanceof Failure)) {
    return fault('answers', error.message, LOOK_THERE);
  }
  const cure = 'give --token-file FILE or SIGNALBOX_TOKEN_FILE; `signalbox up` names the file';
  return fault('token', error.message, cure);
}

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
  return fault('durability', detail, cure);
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
