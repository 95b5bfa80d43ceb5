// Times one command: wall and processor time, and what a failed one said.
import t from 'tap';
import { timeCommand } from '../../bench/load/command-timer.js';

const place = { cwd: process.cwd(), env: { PATH: process.env.PATH ?? '', SAID: 'so' } };

t.test('a command is told by its wall time and its processor time', async t => {
  const { wall_ms, cpu_ms } = await timeCommand(
    ['sh', '-c', 'sleep 0.01; echo x; echo y >&2'],
    place,
  );
  t.ok(wall_ms >= 10, 'it slept');
  t.ok(cpu_ms >= 0);
});

t.test('one that fails counts for nothing: what it said is the error', async t => {
  const broken = timeCommand(['sh', '-c', 'echo "$SAID" >&2; exit 3'], place);
  await t.rejects(broken, { message: /: so/ });
});
