// JSON Schemas of tools for agents (MCP): of a method's parameters only those that a model needs.
import { z } from 'zod';
import { type MethodName, methodRow } from './method.js';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON Schema, as a tool lists it. https://json-schema.org/ */
export interface ToolSchema {
  [key: string]: Json;
}

/** The schema of the arguments of a tool. */
export interface ArgumentsSchema {
  type: 'object';
  properties: Record<string, ToolSchema>;
  required?: string[];
  [key: string]: Json | Record<string, ToolSchema> | undefined;
}

/**
 * The named parameters of a method as the arguments of a tool, in this order; `tool=method` gives
 * one another name. What only the broker checks (lengths, patterns) is left out: a schema is paid
 * for in every request, and the refusal says what was wrong.
 */
export function argumentsOf(method: MethodName, fields: readonly string[]): ArgumentsSchema {
  const { properties = {}, required = [] } = z.toJSONSchema(methodRow(method).params, {
    target: 'draft-07',
    io: 'input',
  }) as { properties?: Record<string, ToolSchema>; required?: string[] };
  const pairs = fields.map(field => field.split('=') as [string, string?]);
  const known = pairs.map(([name, param = name]) => {
    const schema = properties[param];
    if (schema === undefined) throw new Error(`${method} has no parameter ${param}`);
    return [name, trimmed(schema), required.includes(param)] as const;
  });
  const needed = known.filter(([, , isNeeded]) => isNeeded).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(known.map(([name, schema]) => [name, schema])),
    ...(needed.length > 0 && { required: needed }),
  };
}

/** What the method's parameter is called that a tool calls by another name. */
export function paramNames(fields: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    fields
      .map(field => field.split('=') as [string, string?])
      .map(([name, param = name]) => [name, param] as const),
  );
}

const KEPT = ['type', 'enum', 'const', 'default', 'description'] as const;

function trimmed(schema: ToolSchema): ToolSchema {
  const { properties, items, anyOf, required } = schema as {
    properties?: Record<string, ToolSchema>;
    items?: ToolSchema;
    anyOf?: ToolSchema[];
    required?: string[];
  };
  const short: ToolSchema = {};
  // Of two ways to write a value a model needs one: the text, else the first.
  const one = anyOf?.find(({ type }) => type === 'string') ?? anyOf?.[0];
  if (one !== undefined) Object.assign(short, trimmed(one));
  for (const key of KEPT) if (schema[key] !== undefined) short[key] = schema[key] ?? null;
  if (typeof short.description === 'string') short.description = inShort(short.description);
  if (short.description === '') delete short.description;
  if (properties) {
    short.properties = Object.fromEntries(
      Object.entries(properties).map(([name, each]) => [name, trimmed(each)]),
    );
    if (required) short.required = required;
  }
  if (items) short.items = trimmed(items);
  return short;
}

/** Without what holds when it is left out (not required says so) and without bounds. */
function inShort(description: string): string {
  return description
    .replace(/ ?Left out: .+?\.(?= |$)/g, '')
    .replace(/ ?At most \d+ bytes of UTF-8\./, '')
    .replace(
      'Epoch ms, ISO 8601 (no offset = UTC), or 90s 10m 2h 3d from now.',
      'ISO 8601, or 10m 2h 3d.',
    )
    .trim();
}
