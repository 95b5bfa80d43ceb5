// The secret of the webhook that somebody chose: used as it is or refused by name, never replaced.
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openDataDir } from '../../broker/disk/data-dir.js';
import { webhookSecret } from '../../broker/github/webhook-secret.js';
import { limits } from '../../schemas/limits.js';
import { tempDir } from '../dsl/nats.js';

const NAME = 'github-webhook.secret';
const UNUSABLE = { code: 'secret_unusable' };

async function holding(t: Test, content: string | Uint8Array) {
  const dir = await tempDir(t);
  const file = join(dir, NAME);
  writeFileSync(file, content, { mode: 0o644 });
  return { dir, file };
}

t.test('a secret that somebody wrote is used as it is, however short', async t => {
  const own = ['x', 'hunter2', 'hunter2-hunter2-hunter2-', 'it is a secret to everybody', 'ü€🚂'];
  for (const secret of own) {
    for (const written of [secret, `${secret}\n`, `${secret}\r\n`, `\uFEFF${secret}\n\n`]) {
      const { dir, file } = await holding(t, written);
      t.same(await webhookSecret({}, dir), { secret, file }, JSON.stringify(written));
      t.equal(readFileSync(file, 'utf8'), written, 'the file stands');
      t.equal(statSync(file).mode & 0o777, 0o600, 'and is private now');
    }
  }
});

t.test('what could mean two things or nothing is refused by name, and the file stands', async t => {
  const wide = Buffer.from('\uFEFFhunter2', 'utf16le');
  const odd: [string | Uint8Array, RegExp][] = [
    ['', /is empty\. Put/],
    ['\n', /is empty/],
    [' \t\r\n', /is empty/],
    ['\uFEFF', /is empty/],
    [' padded', /blank/],
    ['padded \n', /blank/],
    ['one\ntwo\n', /several lines/],
    ['null\0', /control characters/],
    [wide, /no UTF-8/],
    [Uint8Array.of(0x61, 0xff), /no UTF-8/],
    ['x'.repeat(limits.webhook_secret_bytes + 1), /too long/],
  ];
  for (const [content, message] of odd) {
    const { dir, file } = await holding(t, content);
    await t.rejects(webhookSecret({}, dir), { ...UNUSABLE, message });
    await t.rejects(webhookSecret({}, dir), { message: file }, 'it says where');
    t.same(readFileSync(file), Buffer.from(content), 'and is as it was');
  }
});

t.test('what is no file that can be read is refused, and stays', async t => {
  const dir = await tempDir(t);
  const file = join(dir, NAME);
  mkdirSync(file);
  await t.rejects(webhookSecret({}, dir), { ...UNUSABLE, message: /no plain file/ });
  t.ok(statSync(file).isDirectory());
  rmSync(file, { recursive: true });
  symlinkSync(join(dir, 'nowhere'), file);
  await t.rejects(webhookSecret({}, dir), { ...UNUSABLE, message: /broken link/ });
  t.ok(lstatSync(file).isSymbolicLink());
  rmSync(file);
  symlinkSync('/dev/zero', file);
  await t.rejects(webhookSecret({}, dir), { ...UNUSABLE, message: /no plain file/ });
});

t.test('where there is none, one is made once', async t => {
  const dir = await tempDir(t);
  const made = await webhookSecret(undefined, dir);
  t.match(made.secret, /^[\w-]{43}$/);
  t.same(await webhookSecret({}, dir), made);
  t.equal(statSync(join(dir, NAME)).mode & 0o777, 0o600);
});

t.test('the environment comes first, judged alike; left empty it is not set', async t => {
  const { dir, file } = await holding(t, '');
  const chosen = (text: string) => webhookSecret({ SIGNALBOX_GITHUB_WEBHOOK_SECRET: text }, dir);
  t.same(await chosen('x'), { secret: 'x' }, 'and the file does not matter');
  t.same(await chosen('chosen\r\n'), { secret: 'chosen' });
  for (const odd of [' ', ' x', 'x\ny', 'x\t']) {
    await t.rejects(chosen(odd), { ...UNUSABLE, message: /SIGNALBOX_GITHUB_WEBHOOK_SECRET/ });
  }
  await t.rejects(chosen(''), { ...UNUSABLE, message: file });
});

t.test('an operator token that somebody chose too short is refused, not replaced', async t => {
  const dir = await tempDir(t);
  writeFileSync(join(dir, 'operator.token'), 'short\n');
  await t.rejects(openDataDir(dir), { code: 'token_unusable', message: /fewer than 32/ });
  t.equal(readFileSync(join(dir, 'operator.token'), 'utf8'), 'short\n');
  writeFileSync(join(dir, 'operator.token'), `${'long'.repeat(8)}\n`);
  t.match(await openDataDir(dir), { operatorToken: 'long'.repeat(8) });
});
