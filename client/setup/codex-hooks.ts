// Codex as it knows the hooks of its settings: asked by its app-server, never for long.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { isHookCall } from './program-words.js';

/** How a user trusts them. */
export const TRUST_STEP = 'in codex say /hooks, look, then t trusts them all';

/** How Codex takes a hook: what is not trusted, or was changed since, is passed over in silence. */
export type TrustStanding = 'trusted' | 'untrusted' | 'modified';

/** A hook of ours. */
export interface CodexHook {
  /** Its file, event and place there: another hook put before ours moves it. */
  key: string;
  event: string;
  command: string;
  /** The hash of what it is now, in Codex's own making. */
  hash: string;
  standing: TrustStanding;
}

/** Where Codex is asked, and about which file. */
export interface CodexPlace {
  env: NodeJS.ProcessEnv;
  directory: string;
  hooksFile: string;
}

const STANDINGS: readonly unknown[] = ['trusted', 'untrusted', 'modified'];

/**
 * Our hooks in a file, as Codex lists them. Undefined where there is no Codex on PATH, or one that
 * does not answer so within `setup_codex_ms`. https://developers.openai.com/codex/app-server
 */
export async function codexHooks(place: CodexPlace): Promise<CodexHook[] | undefined> {
  const { env, directory, hooksFile } = place;
  if (env.PATH === undefined) return undefined;
  const server = startServer(env, directory);
  try {
    const result = await exchange(server, directory);
    return hooksIn(result, hooksFile);
  } catch {
    return undefined;
  } finally {
    server.kill('SIGKILL');
    server.stdin.destroy();
    server.stdout.destroy();
  }
}

function startServer(env: NodeJS.ProcessEnv, cwd: string) {
  return spawn('codex', ['app-server'], { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** Greets the server and lists; resolves with the list. */
function exchange(server: ReturnType<typeof startServer>, directory: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('too late')), limits.setup_codex_ms);
    const fail = (error?: Error | null) => {
      clearTimeout(late);
      reject(error ?? new Error('ended'));
    };
    server.on('error', fail).on('exit', () => fail());
    server.stdin.on('error', fail);
    const say = (message: object) => server.stdin.write(`${JSON.stringify(message)}\n`);
    let chars = 0;
    createInterface({ input: server.stdout }).on('line', line => {
      chars += line.length;
      if (chars > limits.setup_codex_chars) return fail();
      const { id, result, error } = answerIn(line);
      if (id === GREETED && error === undefined) {
        say({ method: 'initialized' });
        say({ id: LISTED, method: 'hooks/list', params: { cwds: [directory] } });
      } else if (id === LISTED && error === undefined) {
        clearTimeout(late);
        resolve(result);
      } else if (id === GREETED || id === LISTED) fail();
    });
    const clientInfo = { name: 'signalbox', version: '1' };
    say({ id: GREETED, method: 'initialize', params: { clientInfo } });
  });
}

const GREETED = 1;
const LISTED = 2;

function answerIn(line: string): { id?: unknown; result?: unknown; error?: unknown } {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}

/** Throws for a list in another form than this version of Codex is known to give. */
function hooksIn(result: unknown, hooksFile: string): CodexHook[] {
  const { data } = Object(result) as { data: { hooks: Record<string, unknown>[] }[] };
  const all = data.flatMap(({ hooks }) => hooks);
  const ours = all.filter(({ command, sourcePath }) => {
    return sourcePath === hooksFile && isHookCall(command, []);
  });
  return ours.map(({ key, eventName, command, currentHash, trustStatus }) => {
    const texts = [key, eventName, command, currentHash];
    if (!texts.every(text => typeof text === 'string') || !STANDINGS.includes(trustStatus)) {
      throw new Error('another form');
    }
    const [, event, , hash] = texts as string[];
    const standing = trustStatus as TrustStanding;
    return { key: String(key), event: event!, command: String(command), hash: hash!, standing };
  });
}
