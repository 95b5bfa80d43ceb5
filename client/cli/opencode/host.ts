// OpenCode as its plugin sees it: the parts of its hooks and of its client that are used here.

/** A part of a message; only those of text and of tools are read. */
export interface HostPart {
  id?: string;
  type: string;
  text?: string;
  synthetic?: boolean;
  state?: { input?: Record<string, unknown>; output?: string };
}

/** What a message says of itself. */
export interface HostMessage {
  id: string;
  role: string;
  sessionID: string;
  agent?: string;
  model?: { providerID: string; modelID: string };
  variant?: string;
  /** Of an answer: which model gave it, and what that took. */
  modelID?: string;
  cost?: number;
  tokens?: { input: number; output: number; cache?: { read: number; write: number } };
  summary?: unknown;
}

/** A message with its parts. */
export interface HostEntry {
  info: HostMessage;
  parts: HostPart[];
}

/** By which agent and model a session goes on: those that its person chose last. */
export type HostChoice = Pick<HostMessage, 'agent' | 'model' | 'variant'>;

interface HostAnswer<T> {
  data?: T;
  error?: unknown;
}

interface HostSession {
  path: { id: string };
}

interface HostPrompt extends HostSession {
  body: HostChoice & { noReply?: true; parts: HostPart[] };
}

/** The client of OpenCode's own server. https://opencode.ai/docs/sdk */
export interface HostClient {
  session: {
    get(of: HostSession): Promise<HostAnswer<{ parentID?: string }>>;
    messages(of: HostSession): Promise<HostAnswer<HostEntry[]>>;
    prompt(what: HostPrompt): Promise<HostAnswer<unknown>>;
    promptAsync(what: HostPrompt): Promise<HostAnswer<unknown>>;
  };
  app: {
    log(what: { body: { service: string; level: 'warn'; message: string } }): Promise<unknown>;
  };
}

/** An event of the host; of those that are used, what is read. */
export interface HostEvent {
  type: string;
  properties: {
    sessionID?: string;
    info?: HostMessage & { parentID?: string };
    status?: { type: string; message?: string };
  };
}

/** What a tool gave: text of a tool of OpenCode, or content of one of MCP. */
export interface HostToolOutput {
  output?: unknown;
  content?: unknown;
}
