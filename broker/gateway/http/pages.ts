// The page that a browser opens, held in memory; it may load and reach nothing but us.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

/** One file, ready to be sent. */
export interface Page {
  body: Buffer;
  headers: Readonly<Record<string, string>>;
}

/** The page at a path; undefined when there is none. */
export type Pages = (path: string) => Page | undefined;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** Reads the files of `dir` once: no request can run into a file that is not there any more. */
export function loadPages(dir: string): Pages {
  const pages = new Map<string, Page>();
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const page = pageOf(readFileSync(join(dir, entry.name)), type);
    pages.set(`/${entry.name}`, page);
    if (entry.name === 'index.html') pages.set('/', page);
  }
  return path => pages.get(path);
}

function pageOf(body: Buffer, type: string): Page {
  const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    body,
    headers: {
      'Content-Type': type,
      'Content-Length': String(body.length),
      'Cache-Control': 'no-cache',
      ETag: `"${etag}"`,
      'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  };
}

/** Sends the page, or that the browser has it already. */
export function sendPage(req: IncomingMessage, res: ServerResponse, { body, headers }: Page): void {
  const { 'Content-Length': _, ...unchanged } = headers;
  if (req.headers['if-none-match'] === headers.ETag) res.writeHead(304, unchanged).end();
  else res.writeHead(200, headers).end(body);
}
