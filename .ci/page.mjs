// Puts what needs no compiler beside the compiled client: the page of `signalbox open`, and what an
// orchestrator's workspace is made of.
import { cpSync, rmSync } from 'node:fs';

for (const room of ['page', 'workspace/templates', 'workspace/skills']) {
  rmSync(`build/client/${room}`, { recursive: true, force: true });
  cpSync(`client/${room}`, `build/client/${room}`, { recursive: true });
}
