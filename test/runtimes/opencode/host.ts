// OpenCode as a program of a few lines: the plugin's hooks called in its order, its client kept.
import { join } from 'node:path';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { hooksOf } from '../../../client/cli/opencode/hooks.js';
import type { HostEntry, HostPart } from '../../../client/cli/opencode/host.js';
import type { House } from '../../dsl/live-broker.js';
import { tempDir } from '../../dsl/nats.js';
import { PATIENCE_MS } from '../../dsl/until.js';

/** As Bun's, which sends headers. */
class HeaderSocket extends WebSocket {
  constructor(url: string, { protocols, headers }: { protocols: string[]; headers: object }) {
    super(url, protocols, { headers: headers as Record<string, string> });
  }
}

/** What the host keeps of a session. */
interface Kept {
  id: string;
  history: HostEntry[];
  begun: string[];
  logged: string[];
  hooks?: ReturnType<typeof hooksOf>;
}

/** Stores a message of a user, after the plugin has seen it. */
async function store(kept: Kept, parts: readonly HostPart[]): Promise<HostPart[]> {
  const { id: sessionID, history, hooks } = kept;
  const info = { id: `msg_${history.length}`, role: 'user', sessionID, agent: 'plan' };
  const all = parts.map((part, at) => ({ ...part, id: `prt_${at}` }));
  await hooks?.['chat.message']({ sessionID }, { message: info, parts: all });
  history.push({ info, parts: all });
  return all;
}

/** The client that the host gives its plugins. */
function clientOf(kept: Kept) {
  const take = async ({ body }: { body: { parts: HostPart[]; agent?: string } }) => {
    if (body.agent !== undefined && body.agent !== 'plan') throw new Error('another agent');
    await store(kept, body.parts);
    return {};
  };
  return {
    session: {
      get: async ({ path }: { path: { id: string } }) => ({
        data: path.id.endsWith('child') ? { parentID: kept.id } : {},
      }),
      messages: async () => ({ data: kept.history }),
      prompt: take,
      promptAsync: async (what: Parameters<typeof take>[0]) => {
        kept.begun.push(what.body.parts[0]?.text ?? '');
        return take(what);
      },
    },
    app: {
      log: async ({ body }: { body: { message: string } }) => void kept.logged.push(body.message),
    },
  };
}

/** A session of OpenCode whose model answers as the test says. */
export async function hostedSession(
  t: Test,
  { ready }: Pick<House, 'ready'>,
  folder: string,
  former?: { history: HostEntry[]; home: string },
) {
  const home = former?.home ?? (await tempDir(t));
  const id = `ses_${folder}`;
  const kept: Kept = { id, history: former?.history ?? [], begun: [], logged: [] };
  const { history } = kept;
  const { env } = process;
  Reflect.set(globalThis, 'WebSocket', HeaderSocket);
  process.env = { SIGNALBOX_URL: ready.url, SIGNALBOX_TOKEN_FILE: ready.token_file, HOME: home };
  const host = { client: clientOf(kept) as never, directory: join(home, folder) };
  // What this machine makes of its time is no matter here.
  const on = hooksOf(host, PATIENCE_MS);
  process.env = env;
  kept.hooks = on;
  const event = (type: string, more: object = {}) =>
    on.event({ event: { type, properties: { sessionID: id, ...more } } });
  t.teardown(() => event('session.deleted'));

  return {
    ...kept,
    home,
    hooks: on,
    created: () => event('session.created', { info: { id } }),
    /** What a person types; what is stored of it. */
    prompt: async (text: string) =>
      (await store(kept, [{ type: 'text', text }])).map(each => each.text),
    /** A request goes to the model; what it holds. */
    async request(): Promise<string> {
      await on['experimental.chat.messages.transform']({}, { messages: history });
      const texts = history.flatMap(({ parts }) =>
        parts.map(part => part.state?.output ?? part.text),
      );
      return texts.join('\n');
    },
    /** The model wants a tool, whose output may be added to. */
    async tool(name = 'bash', session = id) {
      const args: Record<string, unknown> = {};
      const called = { tool: name, sessionID: session, args };
      await on['tool.execute.before'](called, { args });
      const given = { output: 'done' };
      await on['tool.execute.after'](called, given);
      const state = { input: args, output: given.output };
      if (session === id) {
        const info = { id: `msg_${history.length}`, role: 'assistant', sessionID: id };
        history.push({ info, parts: [{ type: 'tool', state }] });
      }
      return { output: given.output, args };
    },
    /** The model says something. */
    said: () => on['experimental.text.complete']({ sessionID: id }),
    idle: () => event('session.idle'),
  };
}
