// The end of a thread that is within native code: it waits, and never takes the process along.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { NativeGate } from '../../broker/system/native-gate.js';

t.test('a thread of SQLite that is ended in any way does not end the process', async t => {
  const host = fileURLToPath(new URL('native-host.js', import.meta.url));
  const file = join(t.testdir({}), 'words.db');
  const child = spawn(process.execPath, [host, file, process.env.ROUNDS ?? '4']);
  let said = '';
  child.stderr.on('data', data => {
    said += data;
  });
  const [code] = await once(child, 'close');
  t.equal(code, 7, said);
  t.equal(said, '');
});

t.test(
  'a gate that is shut knows who is still inside, and waits for as long as it is told',
  async t => {
    const gate = new NativeGate();
    const shut = gate.pass(() => gate.shut());
    t.equal(shut, false, 'the one who asked was inside');
    t.equal(gate.shut(), true);
    const other = new NativeGate();
    Atomics.add(new Int32Array(other.shared), 0, 1);
    t.equal(await other.shutWithin(20), false);
  },
);
