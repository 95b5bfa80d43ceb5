// The table of nouns: every command and every kind of event is one noun's to answer for.
import t from 'tap';
import { nouns } from '../../broker/core/nouns.js';
import { eventRow, eventTypes, isProposing } from '../../schemas/event.js';
import { methods } from '../../schemas/method.js';

t.test('every command is proposed by one noun', async t => {
  const proposed = nouns.flatMap(({ commands = {} }) => Object.keys(commands));
  t.same(proposed.toSorted(), Object.keys(methods).filter(isProposing).toSorted());
});

t.test('every method that only reads is one noun’s query, or concerns the connection', async t => {
  const read = nouns.flatMap(({ queries = {} }) => Object.keys(queries));
  t.equal(new Set(read).size, read.length);
  const others = Object.keys(methods).filter(name => !isProposing(name) && !read.includes(name));
  t.same(others.toSorted(), [
    'ask.wait',
    'inbox.read',
    'log.export',
    'log.histogram',
    'log.observe',
    'log.read',
    'log.unobserve',
    'log.verify',
    'mesh.audit',
    'mesh.health',
    'session.offer',
    'session.start',
    'view.unwatch',
    'view.watch',
    'webhook.entrust',
    'webhook.test',
  ]);
});

t.test('what is answered beside the verdict is the answer of a noun’s own command', async t => {
  for (const { commands = {}, answers = {} } of nouns) {
    for (const method of Object.keys(answers)) t.ok(Object.hasOwn(commands, method), method);
  }
});

t.test('every kind of event has a rule, and every rule is of a kind', async t => {
  const ruled = new Set(
    nouns.flatMap(({ views }) =>
      views.flatMap(({ check, apply }) => [...Object.keys(check), ...Object.keys(apply)]),
    ),
  );
  t.same(
    eventTypes.filter(type => !ruled.has(type)),
    [],
  );
  for (const type of ruled) t.ok(eventRow(type as (typeof eventTypes)[number]), type);
});
