// A raw client of MCP by Streamable HTTP: one POST a message, answers as JSON or as a stream.
import { clientOn, type Fields, type McpClient } from './mcp-client.js';

export interface HttpAddress {
  /** With the path, and the query if there is one. */
  url: string;
  token: string;
}

export interface HttpClient extends McpClient {
  /** The id of the session; undefined before hands are shaken. */
  readonly id: string | undefined;
  /** Goes on elsewhere, as the same session. */
  move(url: string): void;
  /** Status codes of what was answered otherwise than with a result. */
  readonly turnedAway: number[];
  /** Sends a request as the session would. */
  request(init?: RequestInit): Promise<Response>;
}

/** A client at an address; `begin` goes on as a session that was begun before. */
export function httpClient({ url, token }: HttpAddress, begin?: string): HttpClient {
  let at = url;
  let id = begin;
  let hear: (message: Fields | string) => void = () => {};
  const turnedAway: number[] = [];
  // One after the other, as far as their heads go: a session begins before it goes on.
  let before: Promise<unknown> = Promise.resolve();
  const request = (init: RequestInit = {}) =>
    fetch(at, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(id && { 'mcp-session-id': id }),
        ...(init.headers as Record<string, string>),
      },
    });
  const post = async (text: string) => {
    const answer = await request({ method: 'POST', body: text });
    id ??= answer.headers.get('mcp-session-id') ?? undefined;
    return answer;
  };
  const read = async (answer: Response) => {
    if (!answer.ok) turnedAway.push(answer.status);
    for await (const message of messagesIn(answer)) hear(message);
  };
  const client = clientOn(onMessage => {
    hear = onMessage;
    return {
      send(text) {
        const posting = before.then(() => post(text));
        before = posting.catch(() => {});
        posting.then(read).catch(() => {});
      },
      end: () => void request({ method: 'DELETE' }).catch(() => {}),
    };
  });
  return {
    ...client,
    get id() {
      return id;
    },
    move(to) {
      at = to;
    },
    turnedAway,
    request,
  };
}

/** The messages of an answer, in whichever form it has. */
export async function* messagesIn(answer: Response): AsyncGenerator<Fields> {
  const type = answer.headers.get('content-type') ?? '';
  if (type.startsWith('application/json')) yield (await answer.json()) as Fields;
  if (!type.startsWith('text/event-stream') || answer.body === null) return;
  let rest = '';
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const events = `${rest}${part}`.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').filter(line => line.startsWith('data: '));
      if (data.length > 0) yield JSON.parse(data.map(line => line.slice(6)).join('\n')) as Fields;
    }
  }
}
