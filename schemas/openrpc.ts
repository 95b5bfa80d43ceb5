// The OpenRPC document of the protocol, and JSON Schemas of its nouns and events.
import { z } from 'zod';
import { questionRow, rollupRow, thread } from './ask.js';
import { attachmentRow } from './attachment.js';
import { type MethodRow, NAME } from './common.js';
import {
  type EventType,
  envelopeFields,
  eventOfMethod,
  eventRow,
  eventTypes,
  isProposing,
} from './event.js';
import { PROTOCOL } from './frame.js';
import { attempt, handoff, jobRow } from './job.js';
import { filter } from './log.js';
import { inboxItem, stage } from './message.js';
import { isMethod, type MethodName, methodRow, methods } from './method.js';
import { candidate, peerRow } from './peer.js';
import { type RefusalName, refusals, rpcError } from './refusal.js';
import { reviewRow } from './review.js';
import { schedulePast, scheduleRow } from './schedule.js';
import { enumOf, marksOf } from './shape.js';
import { tokenRow } from './token.js';
import { budgetRow, usageRow } from './usage.js';

type Schema = Record<string, unknown>;

/** What rows and answers are made of, under the name the document gives it. */
const nouns: Readonly<Record<string, z.ZodType>> = {
  Attachment: attachmentRow,
  Attempt: attempt,
  BudgetRow: budgetRow,
  Candidate: candidate,
  Filter: filter,
  Handoff: handoff,
  InboxItem: inboxItem,
  JobRow: jobRow,
  PeerRow: peerRow,
  Question: questionRow,
  ReviewRow: reviewRow,
  RollupRow: rollupRow,
  SchedulePast: schedulePast,
  ScheduleRow: scheduleRow,
  Stage: stage,
  Thread: thread,
  TokenRow: tokenRow,
  UsageRow: usageRow,
};
const nounNames = new Map<unknown, string>(
  Object.entries(nouns).map(([name, noun]) => [noun, name]),
);

const kinds: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  strings: { type: 'array', items: { type: 'string' } },
  object: { type: 'object' },
  objects: { type: 'array', items: { type: 'object' } },
};

const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/**
 * JSON Schemas (draft 7) of the nouns and of the data of every event, by name. References point
 * to `#/components/schemas/`, where the document keeps them.
 */
export function jsonSchemas(): { nouns: Record<string, Schema>; events: Record<string, Schema> } {
  return {
    nouns: mapValues(nouns, noun => schemaOf(noun, false)),
    events: Object.fromEntries(eventTypes.map(type => [type, eventSchema(type)])),
  };
}

/**
 * The OpenRPC 1.3 document of this protocol, for a program of the given version. Parameters and
 * results are what `method.ts` says; `x-who`, `x-verb` and `x-event` say who may call a method and
 * which event it proposes. https://spec.open-rpc.org/
 */
export function openrpcDocument(version: string): Schema {
  const { nouns, events } = jsonSchemas();
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Signalbox',
      version,
      description: `JSON-RPC 2.0 over WebSocket at /ws (${PROTOCOL}) and by POST at /rpc.`,
      license: { name: 'Apache-2.0' },
    },
    methods: Object.keys(methods).filter(isMethod).map(methodObject),
    components: {
      schemas: { ...nouns, ...events },
      errors: mapValues(refusals, (row, name) => rpcError({ refusal: name, message: row.help })),
    },
  };
}

function methodObject(name: MethodName): Schema {
  const row = methodRow(name);
  return {
    name,
    summary: row.help,
    paramStructure: 'by-name',
    params: contentDescriptors(row),
    result: { name: 'result', schema: schemaOf(row.result) },
    errors: refusalsOf(name).map(refusal => ({ $ref: `#/components/errors/${refusal}` })),
    'x-who': row.who,
    'x-verb': row.verb,
    ...(isProposing(name) && { 'x-event': eventOfMethod(name) }),
  };
}

function contentDescriptors(row: MethodRow): Schema[] {
  const { properties = {}, required = [] } = schemaOf(row.params) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = withBounds(property);
    return { name, required: required.includes(name), description, schema };
  });
}

/** The schema with its bounds and its default told in the descriptions, of inner fields too. */
function withBounds(schema: Schema): Schema {
  const { description, properties, items } = schema as {
    description?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
  };
  return {
    ...schema,
    ...(description !== undefined && { description: bounded(description, schema) }),
    ...(properties && { properties: mapValues(properties, withBounds) }),
    ...(items && { items: withBounds(items) }),
  };
}

const LEFT_OUT = / ?Left out: [^.]+\./;

/** What it means, its bounds, and at the end what holds when it is left out. */
function bounded(description: string, schema: Schema): string {
  const [leftOut = ''] = LEFT_OUT.exec(description) ?? [];
  const { default: value } = schema;
  const end = value === undefined ? leftOut.trim() : `Left out: ${JSON.stringify(value)}.`;
  const meaning = description.replace(LEFT_OUT, '').trim();
  return [meaning, ...boundsOf(schema, meaning), end].filter(part => part !== '').join(' ');
}

function boundsOf(schema: Schema, meaning: string): string[] {
  const { minimum = 0, maximum, minLength, maxLength, minItems = 0, maxItems, pattern } = schema;
  if (pattern === NAME.source) return ['1 to 64 of a-z 0-9 . _ -, the first a letter or digit.'];
  if (isBound(maximum)) return [`From ${minimum} to ${maximum}.`];
  if (isBound(maxItems)) return [`From ${minItems} to ${maxItems} of them.`];
  // A text that is bounded in bytes says so itself.
  if (!isBound(maxLength) || meaning.includes(' bytes ')) return [];
  return [`${isBound(minLength) ? `From ${minLength} to` : 'At most'} ${maxLength} characters.`];
}

function isBound(bound: unknown): bound is number {
  return typeof bound === 'number' && bound < Number.MAX_SAFE_INTEGER;
}

/** What a caller writes and a reader may rely on; `referred` also makes a noun itself a $ref. */
function schemaOf(type: z.ZodType, referred = true): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    target: 'draft-07',
    // Of results too: a reader must bear keys that later versions add.
    io: 'input',
    override: ({ zodSchema, jsonSchema, path }) => {
      const noun = nounNames.get(zodSchema);
      if (noun === undefined || (path.length === 0 && !referred)) return;
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Schema)[key];
      jsonSchema.$ref = refTo(noun).$ref;
    },
  });
  return schema;
}

function eventSchema(type: EventType): Schema {
  const fields = marksOf({ ...envelopeFields, ...eventRow(type).fields });
  const names = Object.keys(fields);
  const kindOf = (name: string) => {
    const schema = kinds[`${fields[name]}`.replace('?', '')];
    const words = enumOf(eventRow(type).fields[name]);
    if (words === undefined) return schema;
    return schema?.items
      ? { ...schema, items: { type: 'string', enum: words } }
      : { ...schema, enum: words };
  };
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(names.map(name => [name, kindOf(name)])),
      type: { const: type },
    },
    required: names.filter(name => !fields[name]?.endsWith('?')),
  };
}

const always: readonly RefusalName[] = [
  'invalid',
  'unauthorized',
  'forbidden',
  'circle_forbidden',
  'rate_limited',
  'unavailable',
];
const commanded: readonly RefusalName[] = ['command_stale', 'too_large'];

/** What naming a thing can be refused for. */
const refusalsOfParam: Readonly<Record<string, readonly RefusalName[]>> = {
  to: ['peer_unknown', 'peer_ambiguous', 'peer_retired', 'inbox_full'],
  peer: ['peer_unknown', 'peer_retired', 'not_yours'],
  ask: ['ask_unknown', 'ask_closed', 'not_yours'],
  reply_to: ['ask_unknown', 'ask_closed', 'not_yours', 'hop_limit'],
  message: ['message_unknown', 'not_yours'],
  supersedes: ['message_unknown', 'not_yours'],
  ref: ['ask_unknown', 'message_unknown'],
  caused_by: ['hop_limit'],
  token: ['token_unknown'],
  question: ['budget_spent'],
  option: ['ask_not_question', 'option_unknown'],
  group: ['ask_unknown'],
  owner: ['peer_unknown', 'peer_ambiguous', 'peer_retired'],
  of: ['peer_unknown', 'peer_ambiguous', 'peer_retired', 'inbox_full'],
  job: ['job_unknown', 'job_state', 'not_yours'],
  attempt: ['lease_stale'],
  kind: ['budget_spent'],
  recurrence: ['schedule_never_fires'],
  schedule: ['schedule_unknown', 'not_yours'],
  watch: ['watch_unknown', 'not_yours'],
  fire_at: ['schedule_never_fires'],
  cron: ['schedule_never_fires'],
  pr_url: ['review_unknown'],
  from: ['cursor_foreign', 'cursor_diverged', 'cursor_ahead'],
  generation: ['generation_stale'],
};

function refusalsOf(method: MethodName): RefusalName[] {
  // Where the log is read, `to` is a place as `from` is.
  const param = (name: string) => (method.startsWith('log.') && name === 'to' ? 'from' : name);
  const named = contentDescriptors(methodRow(method)).flatMap(
    ({ name }) => refusalsOfParam[param(`${name}`)] ?? [],
  );
  if (isProposing(method)) return [...new Set([...always, ...commanded, ...named])];
  // Reading can fail to find a thing; no state of the thing stands in its way.
  const missing = named.filter(name => name.endsWith('_unknown') || name.startsWith('cursor_'));
  return [...new Set([...always, ...missing])];
}

function mapValues<K extends string, V, R>(
  record: Readonly<Record<K, V>>,
  change: (value: V, key: K) => R,
): Record<K, R> {
  const entries = Object.entries(record) as [K, V][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)])) as Record<
    K,
    R
  >;
}
