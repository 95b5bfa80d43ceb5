// A tool for agents: its schema, made from a method of the protocol, and what it answers.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { MethodName, Result } from '../../schemas/method.js';
import { type ArgumentsSchema, argumentsOf, paramNames } from '../../schemas/tool-schema.js';
import type { BoardPlace } from '../boards/choose.js';
import type { CallParams } from '../sdk/api.js';
import type { Facts } from './facts.js';

/** Files of one project, as all who work on it know them. */
export interface PlacedFiles {
  project: string;
  paths: readonly string[];
  /** True for who stands in the same work tree. */
  isIn(who: { machine?: string | undefined; path?: string | undefined }): boolean;
}

/** The mesh, as one session of an agent reaches it. */
export interface Mesh {
  /** What its runtime calls the session; hand-overs of the inbox are noted under it. */
  readonly session: string;
  /**
   * Calls a method as the session's peer. Rejects with RefusalError, also for a command that lost
   * in the log, and with ClientError or Failure while no broker answers; `wait_ms` bounds that.
   */
  call<M extends MethodName>(
    method: M,
    params: CallParams<M>,
    wait_ms?: number,
  ): Promise<Result<M>>;
  /** Mesh time, in ms UTC. */
  now(): number;
  /** Where boards are looked for; absent where the session stands on another machine. */
  readonly boards?: BoardsHere | undefined;
  /** Paths as those of one project; absent for a session that stands in no folder. */
  files?: ((paths: readonly string[]) => PlacedFiles) | undefined;
  /** True once, where mail that an earlier run was handed has nobody else to hand it over again. */
  isFresh(): boolean;
}

/** Where a session stands, and where this user's state lies. */
export interface BoardsHere {
  place: BoardPlace;
  state: string;
}

/** Arguments as they came: anything at all. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One call of a tool. */
export interface ToolCall {
  args: Arguments;
  mesh: Mesh;
  /** Aborted when the client has given up. */
  signal: AbortSignal;
  /** Tells a client that asked to be told how far it is. */
  progress(done: number, total: number, message: string): void;
  /** Notes items of the inbox that this answer hands over. */
  hands(refs: readonly string[]): void;
  /** Items whose answer never reached the client. */
  lost: readonly string[];
}

/** `reads`: changes nothing; `says`: adds a fact; `ends`: takes back or closes for good. */
export type ToolEffect = 'reads' | 'says' | 'ends';

/** A tool. */
export interface Tool {
  readonly name: string;
  readonly help: string;
  readonly schema: ArgumentsSchema;
  readonly effect: ToolEffect;
  run(call: ToolCall): Promise<Facts>;
}

/** What a tool says of a result. */
export interface ToolTelling {
  args: Arguments;
  /** Mesh time, in ms UTC. */
  now: number;
}

interface MethodTool<M extends MethodName> {
  name: string;
  method: M;
  /** The parameters that are arguments, in order; `argument=parameter` where they differ. */
  fields: string;
  help: string;
  effect: ToolEffect;
  /** Other words for arguments. */
  words?: Readonly<Record<string, string>>;
  tell(result: Result<M>, telling: ToolTelling): Facts;
}

/** A tool that is one call of a method. */
export function methodTool<M extends MethodName>(row: MethodTool<M>): Tool {
  const { name, method, help, effect } = row;
  const fields = row.fields.split(' ').filter(field => field !== '');
  const names = paramNames(fields);
  return {
    name,
    help,
    effect,
    schema: withFewRows(inWords(argumentsOf(method, fields), row.words)),
    async run({ args, mesh }) {
      const given = Object.entries(args).map(([name, value]) => [names.get(name) ?? name, value]);
      const few = fields.includes('max') ? { max: limits.mcp_rows_items } : {};
      const params = { ...few, ...Object.fromEntries(given) } as CallParams<M>;
      return row.tell(await mesh.call(method, params), { args, now: mesh.now() });
    },
  };
}

/** A model reads fewer rows than a program. */
function withFewRows(schema: ArgumentsSchema): ArgumentsSchema {
  const { max } = schema.properties;
  if (max === undefined) return schema;
  const few = { ...max, default: limits.mcp_rows_items };
  return { ...schema, properties: { ...schema.properties, max: few } };
}

/** The schema with these descriptions in place of the method's. */
export function inWords(
  schema: ArgumentsSchema,
  words: Readonly<Record<string, string>> = {},
): ArgumentsSchema {
  const changed = Object.entries(words).map(([name, description]) => {
    const { description: _, ...rest } = schema.properties[name] ?? {};
    return [name, description === '' ? rest : { ...rest, description }];
  });
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(changed) } };
}
