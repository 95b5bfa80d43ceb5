// A `--nats` URL gives addresses without secrets, and its credentials apart.
import t from 'tap';
import { readStoreAddress } from '../../broker/log/store-address.js';

t.test('a bare host gets the usual port', async t => {
  t.same(readStoreAddress('nats.example'), { servers: ['nats.example:4222'], tls: false });
  t.same(readStoreAddress('nats://[::1]:4300'), { servers: ['[::1]:4300'], tls: false });
});

t.test('user and password are taken out and decoded', async t => {
  t.same(readStoreAddress('nats://me:p%40ss@127.0.0.1:4300'), {
    servers: ['127.0.0.1:4300'],
    user: 'me',
    password: 'p@ss',
    tls: false,
  });
});

t.test('a name without a password is a token', async t => {
  t.same(readStoreAddress('tls://secret@host'), {
    servers: ['host:4222'],
    token: 'secret',
    tls: true,
  });
});

t.test('several servers of one cluster stand with commas', async t => {
  t.same(readStoreAddress('nats://a:1, b:2').servers, ['a:1', 'b:2']);
  const named = { user: 'u', password: 'p', tls: false };
  t.match(readStoreAddress('nats://a,nats://u:p@b'), named, 'one may bear the credentials');
  t.match(readStoreAddress('nats://u:p@a,nats://u:p@b'), named, 'or each the same');
  t.throws(() => readStoreAddress('nats://u:p@a,nats://u:hidden@b'), {
    message: /^((?!hidden).)*different credentials((?!hidden).)*$/,
  });
});

t.test('a domain says where the store is behind a leaf node', async t => {
  const address = readStoreAddress('nats://u:p@a?domain=hub,nats://u:p@b');
  t.match(address, { servers: ['a:4222', 'b:4222'], domain: 'hub' });
  for (const odd of ['', 'a.b', 'a b', '>', '*']) {
    t.throws(() => readStoreAddress(`nats://a?domain=${odd}`), /one word/, odd);
  }
  t.throws(() => readStoreAddress('nats://a?domain=x,nats://b?domain=y'), /one word/);
});

t.test('what cannot be read is refused without being repeated', async t => {
  for (const text of ['http://me:hidden@host', 'nats://', 'nats://me:hidden@:1:2', '']) {
    t.throws(() => readStoreAddress(text), { message: /must look like/ });
    t.throws(() => readStoreAddress(text), { message: /^((?!hidden).)*$/ });
  }
});
