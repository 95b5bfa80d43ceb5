// Which API answers for which hosts: github.com, an Enterprise server, or one put in their place.
import { readWebUrl } from '../../schemas/pr-url.js';

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
