// The one spelling of a pull request's URL, so that two spellings of it are one row.
import { limits } from './limits.js';

/** Where a pull request lies on GitHub, or on a server with its paths; all in lower case. */
export interface PullAddress {
  /** With its port, when that is not the usual one. */
  host: string;
  owner: string;
  repo: string;
  number: number;
}

export interface PrUrl {
  url: string;
  /** Absent for a URL that has not the shape of GitHub's. */
  github?: PullAddress;
}

const PULL = /^\/([\w.-]+)\/([\w.-]+)\/pull\/([1-9]\d{0,9})(?:\/.*|\.diff|\.patch)?$/;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Reads what people paste; undefined when it is no URL that a pull request may have. */
export function readPrUrl(text: string): PrUrl | undefined {
  if (text.length > limits.pr_url_chars) return undefined;
  const web = readWebUrl(text);
  if (web === undefined) return undefined;
  const github = pullOf(web);
  const url = github === undefined ? web.href : urlOf(web.protocol, github);
  // What had to be escaped has grown.
  if (url.length > limits.pr_url_chars) return undefined;
  return github === undefined ? { url } : { url, github };
}

/**
 * A URL without fragment that may be asked over the net: https without credentials, or plain http
 * to this machine.
 */
export function readWebUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (!isSafe || url.username !== '' || url.password !== '') return undefined;
  url.hostname = url.hostname.replace(/\.+$/, '').replace(/^www\.(?=github\.com$)/, '');
  url.hash = '';
  return url;
}

function pullOf({ host, pathname }: URL): PullAddress | undefined {
  const [, owner, repo, number] = PULL.exec(pathname) ?? [];
  if (owner === undefined || repo === undefined) return undefined;
  return {
    host,
    // GitHub finds a repository under any mix of cases.
    owner: owner.toLowerCase(),
    repo: repo.toLowerCase(),
    number: Number(number),
  };
}

function urlOf(protocol: string, { host, owner, repo, number }: PullAddress): string {
  return `${protocol}//${host}/${owner}/${repo}/pull/${number}`;
}
