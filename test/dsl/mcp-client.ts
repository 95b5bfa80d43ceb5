// A raw client of MCP, by pipes or by HTTP, written from the specification alone.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export type Fields = Record<string, unknown>;

/** An answer of JSON-RPC. */
export interface RpcAnswer {
  id: number | string;
  result?: Fields;
  error?: { code: number; message: string };
}

/** What a tool answered, in both its forms. */
export interface ToolReply {
  text: string;
  facts: Fields;
  isError: boolean;
}

/** The other end of a server's pipes. */
export interface McpClient {
  /** Everything that came and was no answer, in order; a line that is no JSON is a string. */
  readonly notes: (Fields | string)[];
  call(method: string, params?: Fields): Promise<RpcAnswer>;
  /** The same, and its id at once. */
  open(method: string, params?: Fields): { id: number; answer: Promise<RpcAnswer> };
  note(method: string, params?: Fields): void;
  /** Sends a line, whatever it is. */
  line(text: string): void;
  /** Shakes hands as a client of this revision. */
  shake(version?: string, client?: string): Promise<Fields>;
  /** Calls a tool; one that is not listed goes by `more`. */
  tool(name: string, args?: Fields, meta?: Fields): Promise<ToolReply>;
  /** The same, which must go well; its structured content. */
  does(name: string, args?: Fields, meta?: Fields): Promise<Fields>;
  /** Closes the server's stdin. */
  end(): void;
}

/** What carries messages to a server; what comes back is given to `hear`. */
interface Wire {
  send(text: string): void;
  end(): void;
}

export function mcpClient(stdin: Writable, stdout: Readable): McpClient {
  return clientOn(hear => {
    createInterface({ input: stdout }).on('line', line => hear(parsed(line)));
    return { send: text => void stdin.write(`${text}\n`), end: () => void stdin.end() };
  });
}

/** The client at one end of a wire. */
export function clientOn(open: (hear: (message: Fields | string) => void) => Wire): McpClient {
  const waiting = new Map<unknown, (answer: RpcAnswer) => void>();
  const notes: (Fields | string)[] = [];
  let last = 0;
  let listed: string[] | undefined;
  const wire = open(message => {
    const settle = typeof message === 'object' ? waiting.get(message.id) : undefined;
    if (settle === undefined) notes.push(message);
    else settle(message as never);
  });
  const send = (message: Fields) => wire.send(JSON.stringify(message));
  const start = (method: string, params?: Fields) => {
    const id = ++last;
    const answer = new Promise<RpcAnswer>(resolve => waiting.set(id, resolve));
    send({ jsonrpc: '2.0', id, method, params });
    return { id, answer };
  };
  const call = (method: string, params?: Fields) => start(method, params).answer;
  const note = (method: string, params?: Fields) => {
    send({ jsonrpc: '2.0', method, ...(params && { params }) });
  };
  const tool = async (name: string, args: Fields = {}, meta?: Fields): Promise<ToolReply> => {
    listed ??= await toolNames(call);
    const isListed = listed.includes(name);
    const called = isListed
      ? { name, arguments: args }
      : { name: 'more', arguments: { tool: name, arguments: args } };
    const { result, error } = await call('tools/call', { ...called, ...(meta && { _meta: meta }) });
    if (error !== undefined) throw new Error(`${name}: ${error.message}`);
    const {
      content,
      structuredContent = {},
      isError = false,
    } = result as {
      content: { text: string }[];
      structuredContent?: Fields;
      isError?: boolean;
    };
    return { text: content[0]?.text ?? '', facts: structuredContent, isError };
  };
  return {
    notes,
    call,
    open: start,
    note,
    line: text => wire.send(text),
    async shake(version = '2025-11-25', client = 'raw') {
      const clientInfo = { name: client, version: '1' };
      const params = { protocolVersion: version, capabilities: {}, clientInfo };
      const { result = {} } = await call('initialize', params);
      note('notifications/initialized');
      return result;
    },
    tool,
    async does(name, args, meta) {
      const { facts, text, isError } = await tool(name, args, meta);
      if (isError) throw new Error(`${name}: ${text}`);
      return facts;
    },
    end: () => wire.end(),
  };
}

async function toolNames(call: McpClient['call']): Promise<string[]> {
  const { result } = await call('tools/list', {});
  const { tools } = result as { tools: { name: string }[] };
  return tools.map(({ name }) => name);
}

function parsed(line: string): Fields | string {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
