// Proves that a zone is understood however TZ says it, and that who means none is told.
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readRule } from '../../client/cli/reach/posix-zone.js';
import { zoneOf } from '../../client/cli/reach/zone.js';
import { tempDir } from '../dsl/nats.js';

const FILES = '/usr/share/zoneinfo';

t.test('a zone is named, with a colon, by its file, or by a rule', async t => {
  const tokyo = ['Asia/Tokyo', ':Asia/Tokyo', 'asia/tokyo', 'posix/Asia/Tokyo', ' Asia/Tokyo '];
  for (const said of tokyo) t.same(zoneOf(said), { zone: 'Asia/Tokyo' }, said);
  for (const said of ['', ':', 'UTC', 'UTC0', 'GMT0', 'UTC+0']) {
    t.match(zoneOf(said).zone, /^(UTC|GMT0)$/, `"${said}"`);
  }
  t.same(zoneOf('JST-9'), { zone: 'Etc/GMT-9' });
  t.same(zoneOf('EST5'), { zone: 'Etc/GMT+5' });
  t.same(zoneOf('EST5EDT'), { zone: 'EST5EDT' });
  t.same(zoneOf('<+0530>-5:30'), { zone: 'Asia/Kolkata' });
});

t.test('a rule with a summer time is the zone that changes its clocks when it says', async t => {
  t.equal(readRule('CET-1CEST,M3.5.0,M10.5.0/3', 2026), 'Europe/Berlin');
  t.equal(readRule('GMT0BST,M3.5.0/1,M10.5.0', 2026), 'Europe/London');
  t.equal(readRule('EST5EDT,M3.2.0,M11.1.0', 2026), 'America/New_York');
  t.equal(readRule('PST8PDT', 2026), 'America/Los_Angeles');
  t.equal(readRule('AEST-10AEDT,M10.1.0,M4.1.0/3', 2026), 'Australia/Sydney');
  t.equal(readRule('<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45', 2026), 'Pacific/Chatham');
  t.equal(readRule('XXX-1YYY,J60/4,300', 2026), undefined, 'which nobody keeps');
  t.equal(readRule('nonsense', 2026), undefined);
});

t.test('a file of the system is known by where it lies, a copy by the rule it holds', async t => {
  const dir = await tempDir(t);
  const tokyo = `${FILES}/Asia/Tokyo`;
  const isThere = await copyFile(tokyo, join(dir, 'copy')).then(
    () => true,
    () => false,
  );
  if (!isThere) return t.comment('this machine keeps no zone files');
  await symlink(tokyo, join(dir, 'localtime'));
  t.same(zoneOf(tokyo), { zone: 'Asia/Tokyo' });
  t.same(zoneOf(`:${tokyo}`), { zone: 'Asia/Tokyo' });
  t.same(zoneOf(join(dir, 'localtime')), { zone: 'Asia/Tokyo' });
  t.same(zoneOf(join(dir, 'copy')), { zone: 'Etc/GMT-9' });
});

t.test('what names no zone is UTC, and that is said', async t => {
  for (const said of [
    'nonsense',
    '/nowhere',
    ':/etc/passwd',
    '../../etc/passwd',
    'Mars/Base',
    '9',
  ]) {
    t.match(zoneOf(said), { zone: 'UTC', doubt: /UTC/ }, said);
  }
});

t.test('without TZ it is the zone of the system', async t => {
  t.ok(zoneOf(undefined).zone);
  t.equal(zoneOf(undefined).doubt, undefined);
});
