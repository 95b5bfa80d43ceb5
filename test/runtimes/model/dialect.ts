// The API dialect of a model server: what a request shows its model, and how an answer is written.
import { randomUUID } from 'node:crypto';
import type { Fields } from './reading.js';

/** A piece of what a model is shown. */
export interface Block {
  /** `system`, `developer`, `user` or `tool`; `model` for its own earlier words and calls. */
  role: string;
  text: string;
}

/** A tool that the model wants run. */
export interface ToolUse {
  name: string;
  input: object;
  /** Where the runtime keeps tools of MCP servers apart. */
  namespace?: string;
}

/** What the model says. */
export interface Said {
  text: string;
  uses: readonly ToolUse[];
}

/** A request as it came. */
export interface Asked {
  path: string;
  query: URLSearchParams;
  body: Fields;
}

/** One JSON object, or a stream of server-sent events, each with its name if it has one. */
export type Written = { json: object } | { events: readonly { name?: string; data: string }[] };

export interface Dialect {
  name: string;
  takes(path: string): boolean;
  shown(body: Fields): Block[];
  /** The names of the tools on offer; a request without any is a side matter, as a title. */
  tools(body: Fields): string[];
  write(said: Said, asked: Asked): Written;
}

/** An id of the usual look. */
export function newId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}
