// Runs one call of the bundled command line, or one hook, to its end, against a broker that says
// next to nothing, so that the functions on its way are compiled and can be kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , program, start] = process.argv;
const home = mkdtempSync(join(tmpdir(), 'signalbox-build-'));
const token = join(home, 'token');
writeFileSync(token, 'none');
const item = {
  ...{ position: 1, time: 0, kind: 'notify', ref: 'msg', text: 'words' },
  ...{ from: 'peer', from_name: 'web', from_role: 'agent' },
};
const lists = { rows: [], items: [item], remaining: 0 };
const result = { verdict: 'applied', log: 'log', at: '', name: 'api', ...lists };
const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const calls = JSON.parse(Buffer.concat(parts));
  const answers = [calls].flat().map(({ id }) => ({ jsonrpc: '2.0', id, result }));
  response.end(JSON.stringify(Array.isArray(calls) ? answers : answers[0]));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
const { words, stdin = {} } = {
  cli: { words: ['peers'] },
  hook: { words: ['hook', 'claude-code'], stdin: { session_id: 's1', hook_event_name: 'PostToolBatch' } },
}[program];
const env = {
  ...{ PATH: process.env.PATH, HOME: home },
  ...{ SIGNALBOX_URL: url, SIGNALBOX_TOKEN_FILE: token },
};
const run = async more => {
  const child = spawn(process.execPath, [start, more, ...words], { env });
  const said = [];
  child.stdout.resume();
  child.stderr.on('data', part => said.push(part));
  child.stdin.end(JSON.stringify({ cwd: home, ...stdin }));
  const [exit] = await once(child, 'close');
  return { exit, said: Buffer.concat(said) };
};
const { exit, said } = await run('--compile');
server.close();
rmSync(home, { recursive: true, force: true });
// A hook ends with 0 whatever happens; it says so.
if (exit !== 0 || (program === 'hook' && said.length > 0)) {
  process.stderr.write(said);
  process.exit(1);
}
