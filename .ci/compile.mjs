// Runs one call of the bundled command line to its end, against a broker that says next to nothing,
// so that the functions on its way are compiled and can be kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , start] = process.argv;
const home = mkdtempSync(join(tmpdir(), 'signalbox-build-'));
const token = join(home, 'token');
writeFileSync(token, 'none');
const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { rows: [], log: 'log', at: '' } });
const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(answer));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
const words = ['--compile', 'peers', '--url', url, '--token-file', token];
const env = { PATH: process.env.PATH, HOME: home };
const child = spawn(process.execPath, [start, ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] });
const said = [];
child.stderr.on('data', part => said.push(part));
const [exit] = await once(child, 'close');
server.close();
rmSync(home, { recursive: true, force: true });
if (exit !== 0) {
  process.stderr.write(Buffer.concat(said));
  process.exit(1);
}
