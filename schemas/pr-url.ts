// Canonical URLs of pull requests, so that two spellings of one are one row.
import { reviewPath } from './forge-path.js';
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

const GITHUB = /^\/([\w.-]+)\/([\w.-]+)\/pull\/(\d+)$/;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Either scheme on its usual port is the same server. */
const USUAL_PORT = /^(?:80|443)?$/;

/**
 * Reads what people paste, up to `limits.pr_url_chars`; undefined when it is no address of a pull
 * request. What it returns is to be named, never asked (`readWebUrl`).
 */
export function readPrUrl(text: string): PrUrl | undefined {
  if (text.length > limits.pr_url_chars) return undefined;
  const page = readPage(text);
  const segments = page && segmentsOf(page.pathname);
  if (page === undefined || segments === undefined) return undefined;
  const found = reviewPath(page.host, segments);
  if (found === undefined) return undefined;
  const path = `/${found.segments.map(encodeURIComponent).join('/')}`;
  const host = found.host ?? page.host;
  const url = `${page.protocol}//${host}${path}`;
  // What had to be escaped has grown.
  if (url.length > limits.pr_url_chars) return undefined;
  const [, owner, repo, number] = GITHUB.exec(path) ?? [];
  if (owner === undefined || repo === undefined) return { url };
  return { url, github: { host, owner, repo, number: Number(number) } };
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

/** The server of an address that is only ever named, never asked: so plain http is fine too. */
function readPage(text: string) {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isWeb || url.username !== '' || url.password !== '') return undefined;
  const hostname = url.hostname.replace(/\.+$/, '').replace(/^www\.(?=.+\..*[a-z])/, '');
  if (hostname === '') return undefined;
  const { pathname } = url;
  const isUsual = USUAL_PORT.test(url.port);
  if (LOOPBACK.test(hostname) || !isUsual) {
    return { protocol: url.protocol, host: withPort(hostname, url.port), pathname };
  }
  return { protocol: 'https:', host: hostname, pathname };
}

function withPort(hostname: string, port: string): string {
  return port === '' ? hostname : `${hostname}:${port}`;
}

/** The names of a path without its escapes; undefined for what no server has there. */
function segmentsOf(pathname: string): string[] | undefined {
  try {
    const names = pathname.split('/').filter(name => name !== '');
    const plain = names.map(name => decodeURIComponent(name).normalize());
    return plain.some(name => /[/\\\p{Cc}]/u.test(name)) ? undefined : plain;
  } catch {
    return undefined;
  }
}
