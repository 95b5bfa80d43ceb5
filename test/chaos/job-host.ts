// A worker in a process of its own, for tests to kill: claims a job, says so, and never finishes.
import { visit } from '../dsl/raw-client.js';

const [ws = '', credential = ''] = process.argv.slice(2);
const guest = await visit(undefined, { ws, credential });
const { job, attempt } = await guest.command('job.claim', {});
await guest.command('job.update', { job, attempt, progress: 0.5, note: 'in the middle of it' });
process.stdout.write(`${job}\n`);
await guest.closed;
