// Faults inside the broker: who meets one is told, and nobody else.
import t from 'tap';
import type { Answer, Command, FoldedCommit } from '../../broker/core/words.js';
import { Waits } from '../../broker/gateway/inbox/waits.js';
import {
  CommandHandler,
  type CommandHandlerConfig,
} from '../../broker/runtime/handlers/command-handler.js';
import { Listeners } from '../../broker/runtime/listeners.js';
import { causeOf, faultsTo, internal, isMistake } from '../../broker/system/fault.js';

const stumble = (): never => {
  throw new TypeError('a planted fault');
};

t.test('a command that fails once the log was looked at is answered internal', async t => {
  const faults: unknown[] = [];
  const sequences = [0, 9];
  const handler = new CommandHandler({
    clock: { now: () => 0, elapsed: () => 0 },
    barrier: { reached: async () => {} },
    newId: () => 'id',
    sequence: () => sequences.shift() ?? 9,
    timeKnown: () => undefined,
    isServing: () => true,
    table: stumble,
    failed: (error: unknown) => {
      faults.push(error);
      return internal();
    },
  } as unknown as CommandHandlerConfig);
  const params = { name: 'web', min_position: 4_096 * 5 };
  const command = { method: 'peer.join', params, author: { token: 'operator' }, connected: true };
  const answer = await new Promise<Answer>(resolve => {
    handler.command(command as unknown as Command, () => {}, resolve);
  });
  t.match(answer, { refusal: 'internal' });
  t.match(faults, [{ message: 'a planted fault' }]);
});

t.test('a command that fails once it is known what time it is is answered internal', async t => {
  const said: string[] = [];
  const handler = new CommandHandler({
    timeKnown: async () => {},
    newId: () => 'id',
    sequence: () => 9,
    isServing: stumble,
    failed: faultsTo(line => said.push(line)),
  } as unknown as CommandHandlerConfig);
  const command = { method: 'peer.turn', params: {}, author: { token: 'operator' } };
  const answer = await new Promise<Answer>(resolve => {
    handler.command(command as unknown as Command, () => said.push('decided'), resolve);
  });
  t.match(answer, { refusal: 'internal' });
  t.match(said, ['decided', /a planted fault/]);
});

t.test('one who hears of commits and fails keeps no other from hearing', async t => {
  const said: string[] = [];
  const listeners = new Listeners(faultsTo(line => said.push(line)));
  const heard: FoldedCommit[] = [];
  listeners.add(stumble);
  const deafen = listeners.add(commit => heard.push(commit));
  const commit = { sequence: 1 } as FoldedCommit;
  listeners.folded(commit);
  t.same(heard, [commit]);
  t.match(said, [/a planted fault/]);
  deafen();
  listeners.folded(commit);
  t.equal(heard.length, 1);
});

t.test('a wait that fails is over, for its own caller only', async t => {
  const waits = new Waits();
  const faults: unknown[] = [];
  let tries = 0;
  waits.add('key', 60, stumble, error => faults.push(error));
  waits.add('key', 60, () => ++tries > 1);
  waits.wake('key');
  waits.wake('key');
  t.match([faults.length, tries], [1, 2]);
  waits.add('key', 60, stumble, error => faults.push(error));
  waits.close();
  t.equal(faults.length, 2, 'also at the end of its time');
});

t.test('a mistake of ours is told from a store that is away', async t => {
  t.ok(isMistake(new TypeError('x')));
  t.ok(isMistake('thrown'));
  t.notOk(isMistake(new Error('the log store does not answer')));
  t.match(causeOf(new RangeError('x')), /RangeError: x\n +at/);
  t.equal(causeOf({ secret: 1 }), 'thrown: object', 'what is no error is not shown');
});
