// Mounts: what else the broker's port serves, by path: the static files of a folder, or a handler.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

/**
 * Answers a request that was admitted by its Host and Origin; whose credential it bears is for the
 * handler to find out. `path` is what follows the path of the mount, `/` at least. What it throws
 * is answered 500.
 */
export type MountHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
) => void | Promise<void>;

/** By path, a folder or a handler. Each answers all below its path too; the longest one counts. */
export type Mounts = Readonly<Record<string, string | MountHandler>>;

/** What answers one path. */
export interface Mounted {
  /** The methods of HTTP that it answers; all of them when left out. */
  methods?: readonly string[];
  serve: MountHandler;
  path: string;
}

type Find = (path: string) => Mounted | undefined;

/**
 * Who answers a path; undefined where nothing is mounted. Files are read once, here: no request can
 * run into one that is not there any more. Throws for a folder that cannot be read, and for a path
 * that the gateway answers itself (`own`).
 */
export function createMounts(mounts: Mounts, own: readonly string[]): Find {
  const rows = Object.entries(mounts).map(([at, mount]) => {
    if (!/^\/([^/]+(\/[^/]+)*)?$/.test(at) || own.includes(at)) {
      throw new Error(`nothing can be mounted at ${at}`);
    }
    const find: Find = typeof mount === 'string' ? folder(mount) : path => ({ serve: mount, path });
    return { at: at === '/' ? '' : at, find };
  });
  rows.sort((a, b) => b.at.length - a.at.length);
  return path => {
    const row = rows.find(({ at }) => path === at || path.startsWith(`${at}/`));
    return row?.find(path.slice(row.at.length) || '/');
  };
}

/** A file of a folder, ready to be sent; the browser may load and reach nothing but us. */
interface Page {
  body: Buffer;
  headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

function folder(dir: string): Find {
  const pages = new Map<string, Page>();
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const page = pageOf(readFileSync(join(dir, entry.name)), type);
    pages.set(`/${entry.name}`, page);
    if (entry.name === 'index.html') pages.set('/', page);
  }
  return path => {
    const page = pages.get(path);
    if (page === undefined) return undefined;
    return { methods: ['GET', 'HEAD'], serve: (req, res) => sendPage(req, res, page), path };
  };
}

/** Nothing but our own files, no markup made of words, in no frame. https://www.w3.org/TR/CSP3 */
const POLICY = [
  "default-src 'self'",
  ...["object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  "require-trusted-types-for 'script'",
].join('; ');

function pageOf(body: Buffer, type: string): Page {
  const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    body,
    headers: {
      'Content-Type': type,
      'Content-Length': String(body.length),
      'Cache-Control': 'no-cache',
      ETag: `"${etag}"`,
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  };
}

/** Sends the page, or that the browser has it already (a conditional request, RFC 9110 §13). */
function sendPage(req: IncomingMessage, res: ServerResponse, { body, headers }: Page): void {
  const { 'Content-Length': _, ...unchanged } = headers;
  if (req.headers['if-none-match'] === headers.ETag) res.writeHead(304, unchanged).end();
  else res.writeHead(200, headers).end(body);
}
