// Tries the OpenRPC document: whole, closed in itself, and true to the table of methods.
import t from 'tap';
import { eventOfMethod, eventTypes, isProposing } from '../../schemas/event.js';
import { outcomes } from '../../schemas/events/ask.js';
import { roles } from '../../schemas/events/token.js';
import { type MethodName, methodRow, methods } from '../../schemas/method.js';
import { jsonSchemas, openrpcDocument } from '../../schemas/openrpc.js';
import { refusals } from '../../schemas/refusal.js';

interface Descriptor {
  name: string;
  required: boolean;
  schema: Record<string, unknown>;
  description?: string;
}

interface Document {
  openrpc: string;
  info: { title: string; version: string };
  methods: {
    name: string;
    summary: string;
    params: Descriptor[];
    result: { schema: object };
    errors: { $ref: string }[];
    'x-who': string;
    'x-verb': string;
    'x-event'?: string;
  }[];
  components: { schemas: Record<string, object>; errors: Record<string, { code: number }> };
}

const document = openrpcDocument('1.2.3') as unknown as Document;

function found(name: string) {
  const method = document.methods.find(each => each.name === name);
  if (!method) throw new Error(`${name} is not in the document`);
  return method;
}

t.test('it is JSON, and the same every time', async t => {
  t.strictSame(JSON.parse(JSON.stringify(document)), document);
  t.equal(JSON.stringify(openrpcDocument('1.2.3')), JSON.stringify(document));
});

t.test('it names the version of OpenRPC, the protocol and the program', async t => {
  t.match(document, { openrpc: /^1\.3\.\d$/, info: { title: 'Signalbox', version: '1.2.3' } });
});

t.test('every method is there once, with who may call it and what it proposes', async t => {
  t.same(
    document.methods.map(method => method.name),
    Object.keys(methods),
  );
  for (const method of document.methods) {
    const { who, verb, help } = methodRow(method.name as MethodName);
    t.match(method, { summary: help, 'x-who': who, 'x-verb': verb }, method.name);
    const event = isProposing(method.name) ? eventOfMethod(method.name) : undefined;
    t.equal(method['x-event'], event, method.name);
  }
});

t.test('every $ref points to something in the document', async t => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  t.ok(refs.length > document.methods.length);
  for (const [, path = ''] of refs) {
    let node: unknown = document;
    for (const step of path.split('/')) node = (node as Record<string, unknown>)?.[step];
    t.type(node, 'object', path);
  }
});

t.test('a parameter says whether it is needed, its default, and what it means', async t => {
  const params = Object.fromEntries(found('ask.list').params.map(each => [each.name, each]));
  t.match(params.max, {
    required: false,
    description: 'Rows at most. From 1 to 1000. Left out: 100.',
    schema: { default: 100 },
  });
  t.match(params.direction, { required: false, schema: { default: 'both' } });
  const opened = found('ask.open').params;
  t.same(
    opened.filter(each => each.required).map(each => each.name),
    ['id', 'to', 'text'],
  );
});

interface Field {
  path: string;
  description?: string | undefined;
  isOptional: boolean;
}

interface Inner {
  $ref?: string;
  properties?: Record<string, Inner & { description?: string }>;
  required?: string[];
  items?: Inner;
  anyOf?: Inner[];
}

/** The fields inside a parameter's schema, however deep. */
function inside(schema: Inner, path: string): Field[] {
  const { properties = {}, required = [], items, anyOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [
      {
        path: `${path}.${name}`,
        description: field.description,
        isOptional: !required.includes(name),
      },
      ...inside(field, `${path}.${name}`),
    ]),
    ...[...(items ? [items] : []), ...anyOf].flatMap(each => inside(each, path)),
  ];
}

const given = document.methods.flatMap(method =>
  method.params.flatMap(({ name, required, description, schema }): Field[] => [
    { path: `${method.name}.${name}`, description, isOptional: !required },
    ...inside(schema, `${method.name}.${name}`),
  ]),
);
const fields = [...given, ...inside(document.components.schemas.Filter as Inner, 'Filter')];

t.test('every parameter, and every field inside one, says what it means', async t => {
  t.ok(fields.length > 250, `${fields.length} fields`);
  for (const { path, description = '' } of fields) t.match(description, /^.{4,}\.$/, path);
});

t.test('what may be left out says what holds then', async t => {
  const silent = fields.filter(({ isOptional, description = '' }) => {
    return isOptional !== /Left out: [^.]+\.$/.test(description);
  });
  t.same(silent, []);
});

t.test('what has a unit names it', async t => {
  const units: readonly (readonly [name: RegExp, unit: RegExp])[] = [
    [/_s$/, /seconds/],
    [/_at$|\.until$|\.time$/, /[Ee]poch ms, ISO 8601/],
    [/_usd/, /US dollars/],
    [/_tokens$|tokens_/, /[Tt]okens/],
    [/\.size$/, /bytes/],
    [/\.max$/, /(Rows|Items|Asks|Records) at most\. From [01] to \d+\./],
  ];
  for (const [name, unit] of units) {
    const found = fields.filter(({ path }) => name.test(path));
    t.ok(found.length > 0, `${name}`);
    for (const { path, description = '' } of found) t.match(description, unit, path);
  }
});

t.test('an answer may carry keys that later versions add', async t => {
  const { Filter, ...answered } = document.components.schemas;
  const results = document.methods.map(method => method.result);
  t.notMatch(JSON.stringify([results, answered]), /"additionalProperties":false/);
  t.match(Filter, { additionalProperties: false }, 'what a caller gives is held to the letter');
});

t.test('a noun stands once, and answers refer to it', async t => {
  t.same(found('ask.get').result.schema, { $ref: '#/components/schemas/Thread' });
  t.match(document.components.schemas.Thread, { type: 'object', required: ['ask', 'state'] });
});

t.test('every event and every refusal is there', async t => {
  const { events } = jsonSchemas();
  t.same(Object.keys(events), eventTypes);
  t.match(document.components.schemas, events);
  t.match(events['ask.opened'], {
    properties: { type: { const: 'ask.opened' }, by: { type: 'string' }, text: { type: 'string' } },
  });
  t.match(events['ask.closed'], { properties: { outcome: { type: 'string', enum: outcomes } } });
  t.match(events['token.created'], { properties: { roles: { items: { enum: roles } } } });
  t.same(Object.keys(document.components.errors), Object.keys(refusals));
  t.match(document.components.errors.rate_limited, { code: -32005, data: { retry: true } });
});

t.test('a method names the refusals its parameters can meet', async t => {
  const names = (method: string) => found(method).errors.map(error => error.$ref.split('/').at(-1));
  t.ok(names('ask.open').includes('peer_ambiguous'));
  t.ok(names('ask.close').includes('ask_closed'));
  t.notOk(names('ask.get').includes('ask_closed'), 'reading a closed ask is no fault');
  t.ok(names('log.observe').includes('cursor_foreign'));
  t.notOk(names('log.read').includes('peer_unknown'), 'its `to` is a place in the log');
});
