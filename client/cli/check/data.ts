// What a broker left behind: its endpoint, its port, drafts of ours; and whether there is room.
import { access, constants, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { limits } from '../../../schemas/limits.js';
import { clientLimits } from '../../../schemas/limits-client.js';
import { why } from '../../terminal/why.js';
import type { Endpoint } from '../reach/endpoint.js';
import { endpointFile } from '../reach/paths.js';
import { listenerOn } from '../reach/process.js';
import { answers, runningIn } from '../reach/running.js';
import { type Finding, fault, remark, well } from './finding.js';

/** Whether a broker runs in a data directory, and what one that was killed has left there. */
export async function checkData(dataDir: string, up: string): Promise<Finding[]> {
  const running = await runningIn(dataDir);
  switch (running.state) {
    case 'none':
      return [await unreadable(dataDir, up)];
    case 'alive':
      return [well('data', `pid ${running.endpoint.pid} runs in ${dataDir}`)];
    case 'dead': {
      const { endpoint } = running;
      const detail = `the broker in ${dataDir} was killed; nothing acknowledged is lost`;
      const mend = async () => {
        await removeEndpoint(dataDir, endpoint);
        return `what the killed broker left in ${dataDir} is removed; the log is as it was`;
      };
      const left = fault('data', detail, `start it again, which recovers it: ${up}`);
      const port = URL.canParse(endpoint.url) ? Number(new URL(endpoint.url).port) : 0;
      return [{ ...left, mend }, ...(await checkPort(port, `${up} --port 0`))];
    }
  }
}

/** No endpoint, or a file in its place that is none. */
async function unreadable(dataDir: string, up: string): Promise<Finding> {
  const file = endpointFile(dataDir);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return well('data', `no broker runs in ${dataDir}`);
  const cure = `stop the broker if one runs there (see: ps), remove ${file}, then: ${up}`;
  return fault('data', `${file} is damaged, or of another directory: no broker is found`, cure);
}

/** Only what was seen to be of a broker that is no more: a new one may have come since. */
async function removeEndpoint(dataDir: string, dead: Endpoint): Promise<void> {
  const file = endpointFile(dataDir);
  const now = await runningIn(dataDir);
  if (now.state === 'none') return;
  const isSame = now.endpoint.pid === dead.pid && now.endpoint.url === dead.url;
  if (now.state === 'alive' || !isSame) throw new Error('a broker runs there by now');
  const aside = `${file}.${process.pid}`;
  await rename(file, aside);
  const moved = JSON.parse(await readFile(aside, 'utf8')) as Endpoint;
  if (moved.pid === dead.pid) return rm(aside);
  await rename(aside, file);
  throw new Error('a broker started there just now');
}

/** Whether the port a broker would take is free; nothing where it is. */
export async function checkPort(port: number, cure: string): Promise<Finding[]> {
  const holder = await listenerOn(port);
  if (holder === undefined) return [];
  const who = (await answers(`http://127.0.0.1:${port}`)) ? 'another broker, ' : '';
  const detail = `port ${port} is taken by ${who}${holder}`;
  return [fault('port', detail, `stop that, or take another port: ${cure}`)];
}

/** Brokers of other meshes of this user that were killed. */
export async function checkOtherMeshes(meshes: string, own: string): Promise<Finding[]> {
  const names = (await readdir(meshes).catch(() => [])).slice(0, clientLimits.doctor_files);
  const others = names.filter(name => join(meshes, name) !== own);
  const looks = others.map(async name => [name, await runningIn(join(meshes, name))] as const);
  const dead = (await Promise.all(looks)).filter(([, { state }]) => state === 'dead');
  return dead.map(([name]) =>
    remark(`mesh ${name}`, 'its broker was killed', `signalbox up --mesh ${name} --port 0`),
  );
}

/** Whether there is room on the disk of a directory, and whether this user may write there. */
export async function checkRoom(what: string, path: string): Promise<Finding> {
  const place = await existing(path);
  const cure = 'give that directory to your user, or choose another: HOME, XDG_STATE_HOME, --data';
  try {
    await access(place, constants.W_OK);
    if (!(await stat(place)).isDirectory()) return fault(what, `${place} is no directory`, cure);
  } catch (error) {
    return fault(what, `cannot write below ${place}: ${why(error)}`, cure);
  }
  const { bavail, bsize, files, ffree } = await statfs(place);
  return judgeRoom(what, { path, free_bytes: bavail * bsize, free_files: files > 0 ? ffree : 1 });
}

interface Room {
  path: string;
  free_bytes: number;
  free_files: number;
}

/** What so much room is worth. A broker warns below `stream_low_bytes` itself. */
export function judgeRoom(what: string, { path, free_bytes, free_files }: Room): Finding {
  const free = `${Math.floor(free_bytes / 1_048_576)} MiB are free for ${path}`;
  const cure = 'make room on that disk';
  if (free_files === 0) return fault(what, `no file can be added for ${path}`, cure);
  if (free_bytes < limits.stuck_free_bytes) return fault(what, `the disk is full: ${free}`, cure);
  if (free_bytes < limits.stream_low_bytes) return remark(what, `only ${free}`, cure);
  return well(what, free);
}

/** The directory itself, or the nearest above it that is there. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined || dirname(path) === path ? path : existing(dirname(path));
}

/** Drafts of settings that a setup left when it was killed. */
export async function checkDrafts(files: readonly string[]): Promise<Finding[]> {
  const looks = files.map(async file => {
    const names = await readdir(dirname(file)).catch(() => []);
    const ours = names.filter(name => name.startsWith(`${basename(file)}.signalbox-new-`));
    const left = ours.filter(name => isOver(Number(name.split('-').at(-1))));
    return left.map(name => join(dirname(file), name));
  });
  const drafts = (await Promise.all(looks)).flat();
  if (drafts.length === 0) return [];
  const mend = async () => {
    for (const draft of drafts) await rm(draft, { force: true });
    return `removed ${drafts.join(', ')}`;
  };
  const detail = `a setup that was ended in its midst left ${drafts.join(', ')}`;
  return [{ ...fault('drafts', detail, `rm ${drafts.join(' ')}`), mend }];
}

function isOver(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && pid > 0 && !process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
