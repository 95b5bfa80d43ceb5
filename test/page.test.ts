// The page of `signalbox open`, looked at in a real browser where this machine has one.
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import t, { type Test } from 'tap';
import { callOnce } from '../client/index.js';
import { join, openBroker } from './dsl/live-broker.js';
import { PATIENCE_MS, until } from './dsl/until.js';

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

async function openPage(t: Test, path: string, viewport = { width: 1_280, height: 800 }) {
  const args = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath: path, args, timeout: PATIENCE_MS });
  t.teardown(() => browser.close());
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

async function openMesh(t: Test) {
  const page = fileURLToPath(new URL('../../client/page/', import.meta.url));
  const house = await openBroker(t, { mounts: { '/': page } });
  const { url } = house.ready;
  const offer = async (credential = house.token) => {
    const { code } = await callOnce({ url, credential }, 'session.offer', {});
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

  t.test('who opened the page sees what waits, and its answer is theirs in the log', async t => {
    const { house, offer } = await openMesh(t);
    const ada = await join(t, house, 'ada', { role: 'human' });
    const api = await join(t, house, 'api');
    const question = { kind: 'permission', options: [{ id: 'allow', label: 'Allow once' }] };
    const page = await openPage(t, executablePath, { width: 390, height: 844 });
    const faults: string[] = [];
    page.on('pageerror', error => faults.push(error.message));
    page.on('console', line => /policy/i.test(line.text()) && faults.push(line.text()));
    await page.goto(await offer(ada.credential));
    await page.getByText('ada (human), live').waitFor();
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
    await api.ask('ada', 'how is it?');
    const text = `May I run Bash?\n\n  <img src=x onerror=alert(1)> \u202e${'\n  x'.repeat(20)}`;
    const ask = await api.ask('ada', text, { question, deadline_at: '10m' });
    const card = page.getByRole('article').first();
    await card.getByText(/denied at .*, in \d+ min/).waitFor();
    await card.getByText('<img src=x onerror=alert(1)> \\u{202e}').waitFor();
    t.equal(await page.title(), '(2) Signalbox');
    const labels = () => card.getByRole('button').allTextContents();
    t.same(await labels(), ['Deny', 'Read all first'], 'deny first, and nothing let run unread');
    // A tap just after a card moved is not taken for it: it is repeated until it is.
    const allow = card.getByRole('button', { name: 'Allow once' });
    await until(async () => {
      await card.getByRole('button', { name: 'Read all first' }).click();
      return allow.isVisible();
    });
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    t.ok(Number(await width()) <= 390, 'no sideways scrolling');
    const told = page.getByText(/^Allowed by you · .* · position \d+$/).waitFor();
    let isClosed = false;
    const closed = ada.wait(ask).finally(() => {
      isClosed = true;
    });
    await until(async () => {
      for (const button of await allow.elementHandles()) await button.dispatchEvent('click');
      return isClosed;
    });
    await told;
    t.match(await closed, { outcome: 'replied', reply: { option: 'allow', by: ada.peer } });
    const late = await api.ask('ada', 'and this?', { question });
    const other = page.getByRole('article').filter({ hasText: 'and this?' });
    await other.waitFor();
    await ada.close(late, 'denied');
    await other.waitFor({ state: 'detached' });
    t.same(faults, [], 'nothing that the policy forbids');
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
