// A broker in a process of its own, for tests to kill: prints its ready line, ends with its stdin.
import { start } from '../../broker/main.js';
import { startConfig } from '../dsl/live-broker.js';
import { setClock } from './wrong-clock.js';

const { dataDir, wrong = 0, ...changes } = JSON.parse(process.argv[2]!);
setClock(wrong);
const broker = await start(startConfig(dataDir, changes));
process.stdout.write(`${JSON.stringify(broker.ready)}\n`);
process.on('message', word => {
  if (typeof word === 'number') setClock(word);
  process.send!(process.memoryUsage().rss);
});
process.stdin.resume().on('end', () => broker.close().then(() => process.exit()));
await broker.closed;
