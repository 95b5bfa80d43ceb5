// Which URLs webhooks may have: no spelling of an address leads into a private network.
import t from 'tap';
import { rangeOf } from '../../schemas/ip-address.js';
import { readWebhookUrl } from '../../schemas/webhook-url.js';

const isTaken = (url: string, allowed?: string) => typeof readWebhookUrl(url, allowed) === 'object';

t.test('a public host by https is taken, in one spelling', async t => {
  for (const url of [
    'https://ci.example.com/in?key=1',
    'https://ci.example.com:8443/',
    'HTTPS://CI.example.com',
    'https://8.8.8.8/in',
    'https://[2606:4700:4700::1111]/in',
  ]) {
    t.ok(isTaken(url), url);
  }
  t.match(readWebhookUrl('https://CI.example.com'), { url: 'https://ci.example.com/' });
});

t.test('no spelling of a private or odd address is taken', async t => {
  const hosts = [
    ...['localhost', 'a.localhost', 'printer.local', 'metadata.google.internal', 'db'],
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '0'],
    ...['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.2.1', '168.63.129.16'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:8.8.8.8]', '[::7f00:1]', '[fe80::1]'],
    ...['[fe80::1%25eth0]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[64:ff9b::7f00:1]'],
    ...['[2002:7f00:1::]', '[2001:db8::1]', '[2001:0:7f00:1::]'],
    ...['ci.example.com.', 'ci..example.com', 'xn--80ak6aa92e.com', 'аpple.com', '１２７.0.0.1'],
    ...[
      'user@ci.example.com',
      'user:pw@ci.example.com',
      'ci.example.com@127.0.0.1',
      'ci%2eexample.com',
    ],
  ];
  for (const host of hosts) t.notOk(isTaken(`https://${host}/in`), host);
  for (const url of [
    ...['http://ci.example.com/', 'ftp://ci.example.com/', 'file:///etc/passwd', 'gopher://a.b/'],
    ...[
      '//ci.example.com/',
      'https:ci.example.com',
      'https:/ci.example.com',
      'https:\\\\a.example.com',
    ],
    ...['https://ci.example.com:22/', 'https://ci.example.com:99999/', 'https://ci.example.com/#a'],
    ...[
      ' https://ci.example.com',
      'https://ci.exa mple.com',
      'https://ci.example.com\t/',
      'https://',
    ],
    ...[
      'javascript:alert(1)',
      'data:text/plain,x',
      '',
      `https://ci.example.com/${'a'.repeat(3_000)}`,
    ],
  ]) {
    t.notOk(isTaken(url), url);
  }
});

t.test('a host that is named may be private and without TLS; another may not', async t => {
  t.ok(isTaken('http://127.0.0.1:9000/in', '127.0.0.1'));
  t.ok(isTaken('http://localhost:9000/in', 'localhost'));
  t.ok(isTaken('http://[::1]:9000/in', '::1'));
  t.ok(isTaken('http://[::1]:9000/in', '[::1]'));
  t.notOk(isTaken('http://127.0.0.1:9000/in', 'localhost'));
  t.notOk(isTaken('http://2130706433/in', '127.0.0.1'), 'in its own spelling only');
  t.notOk(isTaken('ftp://localhost/in', 'localhost'));
});

t.test('an address is public, private, special, or none', async t => {
  const ranges = {
    public: ['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1', '11.0.0.0'],
    private: ['10.255.255.255', '127.9.9.9', '192.168.0.0', '::1', 'fdff::1', '0:0:0:0:0:0:0:1'],
    special: [
      '169.254.0.1',
      '239.1.1.1',
      '::',
      '::ffff:10.0.0.1',
      '::8.8.8.8',
      'fe80::1',
      'fec0::1',
    ],
    undefined: [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '256.1.1.1',
      '::1%lo',
      ':::',
      '1::2::3',
      'g::',
    ],
  };
  for (const [range, addresses] of Object.entries(ranges)) {
    for (const address of addresses) t.equal(`${rangeOf(address)}`, range, address);
  }
});
