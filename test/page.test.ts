// The page of `signalbox open`, looked at in a real browser where this machine has one.
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import t, { type Test } from 'tap';
import { callOnce } from '../client/index.js';
import { openBroker } from './dsl/live-broker.js';
import { PATIENCE_MS } from './dsl/until.js';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];

async function findBrowser(): Promise<string | undefined> {
  for (const path of candidates) {
    const isThere =
      path !== undefined &&
      (await access(path).then(
        () => true,
        () => false,
      ));
    if (isThere) return path;
  }
  return undefined;
}

const executablePath = await findBrowser();

async function openPage(t: Test, path: string) {
  const args = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath: path, args, timeout: PATIENCE_MS });
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

async function openMesh(t: Test) {
  const page = fileURLToPath(new URL('../../client/page/', import.meta.url));
  const house = await openBroker(t, { mounts: { '/': page } });
  const { url } = house.ready;
  const offer = async () => {
    const { code } = await callOnce({ url, credential: house.token }, 'session.offer', {});
    return `${url}/#code=${code}`;
  };
  return { house, url, offer };
}

if (executablePath === undefined) t.plan(0, 'no browser here; set CHROMIUM to look at the page');
else {
  t.test('the link lets a page in once, and it shows peers and the log live', async t => {
    const { url, house, offer } = await openMesh(t);
    const site = { url, credential: house.token };
    const page = await openPage(t, executablePath);
    const link = await offer();
    await page.goto(link);
    await page.getByText('live').waitFor();
    const text = '<b>may I merge?</b>';
    const web = await callOnce(site, 'peer.join', { name: 'web' });
    await callOnce(site, 'peer.join', { name: 'api' });
    const credential = `${web.peer}.${web.secret}`;
    await callOnce({ url, credential }, 'ask.open', { to: 'api', text });
    await page.getByText(`web → api ask.opened: ${text}`).waitFor();
    await page.getByRole('cell', { name: 'api' }).waitFor();
    t.equal(await page.locator('#log b').count(), 0, 'the words of a peer are never markup');
    t.notMatch(page.url(), /code=/, 'the code does not stay in the address');

    await page.reload();
    await page.getByText('live').waitFor();
    t.pass('a reload goes on by the resume code');

    const other = await openPage(t, executablePath);
    await other.goto(link);
    await other.getByText('used already').waitFor();
    t.pass('the same link lets nobody in again');
  });

  t.test('a page of another origin reaches nothing', async t => {
    const { house } = await openMesh(t);
    const page = await openPage(t, executablePath);
    await page.goto('data:text/html,<p>elsewhere</p>');
    const outcome = await page.evaluate(
      address =>
        new Promise(resolve => {
          const socket = new WebSocket(address, 'signalbox.v1.json');
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('refused');
        }),
      house.ready.ws,
    );
    t.equal(outcome, 'refused');
  });
}
