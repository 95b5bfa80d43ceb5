// A fake model server on loopback: it answers by a script, and keeps all that it was shown.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { until } from '../../dsl/until.js';
import { anthropic } from './anthropic.js';
import { chat } from './chat.js';
import type { Asked, Block, Dialect, Said, ToolUse, Written } from './dialect.js';
import { gemini } from './gemini.js';
import { fieldsOf } from './reading.js';
import { responses } from './responses.js';

const dialects: readonly Dialect[] = [anthropic, responses, chat, gemini];

/** A request with tools on offer: what the model of a session, or of a subagent, was shown. */
export interface Turn {
  /** ms of this process's clock. */
  at: number;
  /** The name of the dialect it was asked in. */
  dialect: string;
  shown: readonly Block[];
  tools: readonly string[];
}

/** What the model answers: words, tools to run, or a failure by its HTTP status. */
export type Answer = string | ToolUse | readonly ToolUse[] | { status: number };

/** Answers one turn; what it does before is done while the model thinks. */
export type Script = (turn: Turn) => Answer | Promise<Answer>;

export class FakeModel {
  /** All turns, in the order of their coming. */
  readonly turns: Turn[] = [];
  /** Hosts that the runtime wanted to reach: its proxy leads here, and ends here. */
  readonly refused = new Set<string>();
  script: Script = () => 'ok';
  /** What went wrong in the script, or in reading a request. */
  readonly faults: Error[] = [];
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(error => {
      this.faults.push(error);
      response.destroy(error);
    });
  });

  static async start(): Promise<FakeModel> {
    const model = new FakeModel();
    model.#server.on('connect', ({ url }, socket) => {
      model.refused.add(String(url));
      socket.on('error', () => {});
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    });
    await once(model.#server.listen(0, '127.0.0.1'), 'listening');
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The turn of this number, from 1, come already or yet to come. */
  turn(number: number): Promise<Turn> {
    return until(() => this.turns[number - 1], { what: `turn ${number} of the model` });
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', this.url);
    const body = fieldsOf(parsed((await buffer(request)).toString()));
    const dialect = request.method === 'POST' && dialects.find(({ takes }) => takes(path));
    if (!dialect) return beside(path, response);
    const turn: Turn = {
      at: Date.now(),
      dialect: dialect.name,
      shown: dialect.shown(body),
      tools: dialect.tools(body),
    };
    const isTurn = turn.tools.length > 0;
    if (isTurn) this.turns.push(turn);
    const answer = isTurn ? await this.script(turn) : 'ok';
    if (typeof answer === 'object' && 'status' in answer) {
      const error = { type: 'api_error', message: 'it fails, as the script says' };
      return sendJson(response, answer.status, { type: 'error', error });
    }
    const asked: Asked = { path, query, body };
    send(response, dialect.write(saidIn(answer), asked));
  }
}

function saidIn(answer: string | ToolUse | readonly ToolUse[]): Said {
  if (typeof answer === 'string') return { text: answer, uses: [] };
  return { text: '', uses: 'name' in answer ? [answer] : answer };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What runtimes ask beside: counts of tokens, lists of models. */
function beside(path: string, response: ServerResponse): void {
  const counts = { input_tokens: 100, totalTokens: 100, data: [], models: [] };
  const isKnown = /count_?tokens$|\/models$/i.test(path);
  sendJson(response, isKnown ? 200 : 404, isKnown ? counts : { error: { message: 'not here' } });
}

function send(response: ServerResponse, written: Written): void {
  if (response.destroyed) return;
  if ('json' in written) {
    sendJson(response, 200, written.json);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const { name, data } of written.events) {
    response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${data}\n\n`);
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
