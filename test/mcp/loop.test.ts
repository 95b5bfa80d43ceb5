// The server as a process, and the loop of an orchestrator while its broker is killed and moves.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { newShell, upIn } from '../cli/shell.js';
import { mcpClient } from '../dsl/mcp-client.js';
import { httpClient } from '../dsl/mcp-http.js';
import { until } from '../dsl/until.js';
import { closeOut, dispatch, novice } from './loop.js';

const shell = await newShell(t);
const child = shell.start('mcp', '--name', 'boss');
const boss = mcpClient(child.stdin!, child.stdout!);

t.test('before there is a broker, a tool says how to start one', async t => {
  t.match(await boss.shake('2025-06-18'), { protocolVersion: '2025-06-18' });
  const { text, isError } = await boss.tool('whoami');
  t.ok(isError);
  t.match(text, /no broker runs .*signalbox up/);
});

t.test('what is dispatched comes back through a broker that is killed and moves', async t => {
  const first = await upIn(shell);
  const token = (await readFile(first.ready.token_file, 'utf8')).trim();
  const mcpOf = ({ url }: { url: string }) => `${url}/mcp?name=web`;
  const web = httpClient({ url: mcpOf(first.ready), token });
  await web.shake();
  await until(async () => !(await boss.tool('whoami')).isError);
  const [orchestrator, worker] = [novice(boss), novice(web)];
  const work = await dispatch(t, orchestrator, worker, 'web');

  const dead = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await dead;
  const away = await boss.tool('whoami');
  t.ok(away.isError, away.text);
  const second = await upIn(shell);
  t.not(second.ready.url, first.ready.url);
  web.move(mcpOf(second.ready));
  // What was acknowledged is there; what was only handed is not seen, and not lost.
  await until(async () => !(await boss.tool('whoami')).isError);
  await closeOut(t, orchestrator, worker, work);
  t.same(web.turnedAway, [], 'its session went on');
});

t.test('a process writes nothing but protocol, and ends with its stdin', async t => {
  t.same(boss.notes, []);
  const exit = once(child, 'exit');
  boss.end();
  t.same(await exit, [0, null]);
});
