// Puts the page of `signalbox open`, which needs no compiler, beside the compiled client.
import { cpSync } from 'node:fs';

cpSync('client/page', 'build/client/page', { recursive: true });
