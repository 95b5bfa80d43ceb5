// A process that outlives a test: once its stdin ends, it ends all that belongs to a directory.
import { rmSync } from 'node:fs';
import { endMarked } from './marked.js';

const dir = process.argv[2] ?? '';

process.stdin.resume().once('close', async () => {
  await endMarked(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});
