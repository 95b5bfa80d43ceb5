// Static files at `/`: the page that a browser opens, allowed to load and reach nothing but us.
import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';

const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Answers with a file of `dir`; false when it has none of that name. */
export function servePages(dir: string): (req: IncomingMessage, res: ServerResponse) => boolean {
  const serve = sirv(dir, {
    etag: true,
    setHeaders: res => {
      res.setHeader('Content-Security-Policy', POLICY);
      res.setHeader('X-Content-Type-Options', 'nosniff');
      res.setHeader('Referrer-Policy', 'no-referrer');
    },
  });
  return (req, res) => {
    let isFound = true;
    serve(req, res, () => {
      isFound = false;
    });
    return isFound;
  };
}
