// A plain HTTP answer: one status, one body, sent whole.
import type { ServerResponse } from 'node:http';
import { plainHeaders } from '../shared/rejection.js';

export function reply(res: ServerResponse, status: number, type: string, body: string): undefined {
  const length = Buffer.byteLength(body);
  res.writeHead(status, { ...plainHeaders, 'Content-Type': type, 'Content-Length': length });
  res.end(body);
  return undefined;
}

export function replyNothing(res: ServerResponse): undefined {
  res.writeHead(204, plainHeaders).end();
  return undefined;
}
