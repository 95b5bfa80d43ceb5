// Which GitHub API to ask, and the access token for it: from the environment, else from gh.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { limits } from '../../schemas/limits.js';
import { readWebUrl } from '../../schemas/pr-url.js';
import { childEnv, LOGIN } from '../system/child-env.js';

type Env = Readonly<NodeJS.ProcessEnv>;

/** Finds the token on the first call and remembers it; undefined when there is none. */
export function tokenSource(env: Env): () => Promise<string | undefined> {
  let found: Promise<string | undefined> | undefined;
  return () => {
    found ??= findToken(env);
    return found;
  };
}

async function findToken(env: Env): Promise<string | undefined> {
  return usable(env.GITHUB_TOKEN) ?? usable(env.GH_TOKEN) ?? usable(await askGh(env));
}

/** What may stand in a header: node would repeat anything else in its error. */
function usable(text: string | undefined): string | undefined {
  const token = text?.trim() ?? '';
  const isUsable = /^[\x21-\x7e]+$/.test(token) && token.length <= limits.github_token_chars;
  return isUsable ? token : undefined;
}

/** What `gh` is logged in with, at the host that will be asked and at no other. */
async function askGh(env: Env): Promise<string | undefined> {
  const host = readApiUrl(env.GITHUB_API_URL)?.host;
  const where = host === undefined ? [] : ['--hostname', host];
  const how = {
    env: childEnv(env, LOGIN),
    timeout: limits.github_token_ms,
    killSignal: 'SIGKILL',
  } as const;
  try {
    return (await promisify(execFile)('gh', ['auth', 'token', ...where], how)).stdout;
  } catch {
    return undefined;
  }
}

export interface ApiAddress {
  /** Without a slash at its end. */
  base: string;
  /** The one host it answers for; undefined for a stand-in, which answers for every host. */
  host: string | undefined;
}

const GITHUB = 'https://api.github.com';

/** Reads GITHUB_API_URL; undefined when the token may not be sent to such a URL. */
export function readApiUrl(text: string | undefined): ApiAddress | undefined {
  const url = readWebUrl(text || GITHUB);
  if (url === undefined || url.search !== '') return undefined;
  return { base: url.href.replace(/\/+$/, ''), host: hostBehind(url) };
}

function hostBehind({ host, pathname }: URL): string | undefined {
  const cloud = /^api\.(github\.com|[\w-]+\.ghe\.com)$/.exec(host)?.[1];
  return cloud ?? (/^\/api\/v3\/?$/.test(pathname) ? host : undefined);
}
