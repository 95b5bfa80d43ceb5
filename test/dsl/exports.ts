// Exports of a small log, as a broker writes them and as a verifier reads them.

import type { ExportRequest } from '../../broker/archive/audit/export.js';
import { checkpointText } from '../../broker/core/audit/checkpoint.js';
import { ExportReader, type ExportReport } from '../../broker/core/audit/export-reader.js';
import { passingSigner, type Signer } from '../../broker/disk/signing-key.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { Auditor } from '../../broker/runtime/audit/auditor.js';
import { AuditPart } from '../../broker/timeline/audit-part.js';
import { isRefusal } from '../../schemas/refusal.js';
import {
  api,
  asks,
  BOOT,
  checkpoints,
  closes,
  GATEWAY,
  joins,
  opened,
  started,
  tells,
  web,
} from './events.js';
import { HandClock } from './memory-brokers.js';
import { Mesh } from './test-log.js';

/** A log of so many commits: asks with words in them, empty commits, voids, signed checkpoints. */
export function someLog(commits: number, signer: Signer): Mesh {
  const mesh = new Mesh();
  mesh.say(opened(), started(GATEWAY, BOOT), joins(web), joins(api));
  for (let n = 1; mesh.fold.sequence < commits; n++) {
    mesh.now += 1_000;
    if (n % 7 === 0) mesh.say();
    else if (n % 50 === 0) mesh.say(signedCheckpoint(mesh, signer));
    else if (n % 3 === 0) mesh.say(closes(api, n - 1, 'replied', { text: `yes, ${n}` }));
    else
      mesh.say(asks(n, web, api, `may I merge ${n}? grüße 🚂`), tells(9_000 + n, web, api, 'hm'));
  }
  return mesh;
}

/** What a broker of that key says of the log now. */
export function signedCheckpoint({ fold }: Mesh, signer: Signer, more: object = {}) {
  const { id: log, mesh } = fold.table.log;
  const facts = {
    sequence: fold.sequence,
    digest: Buffer.from(fold.digest).toString('hex'),
    events: fold.events,
    ...more,
  };
  const signature = signer.sign(checkpointText({ ...facts, log, mesh }));
  return checkpoints(fold, { ...facts, key: signer.key, signature });
}

/** The auditor of a broker that has folded this log. */
export function auditorOf(mesh: Mesh, signer: Signer = passingSigner()): Auditor {
  const clock = new HandClock();
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  const { fold } = mesh;
  const inline = new AuditPart(log, clock);
  return new Auditor({ fold, signer, timeline: undefined, inline, now: () => 0 });
}

/** The bytes of an export. */
export async function exported(
  mesh: Mesh,
  signer: Signer,
  request: Partial<ExportRequest> = {},
): Promise<Buffer> {
  const auditor = auditorOf(mesh, signer);
  const wanted = {
    format: 'jsonl',
    from: 1,
    to: mesh.fold.sequence,
    redact: [],
    ...request,
  } as const;
  const lines: string[] = [];
  let page = await auditor.begin(wanted);
  for (;;) {
    if (isRefusal(page)) throw new Error(page.message);
    lines.push(...page.lines);
    if (page.next === undefined) return Buffer.from(`${lines.join('\n')}\n`);
    page = await auditor.goOn(page.next);
  }
}

/** What a verifier says of these bytes. */
export function verified(bytes: Uint8Array, keys: readonly string[] = []): ExportReport {
  const reader = new ExportReader(keys);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (;;) {
    const end = buffer.indexOf(10, at);
    if (end < 0) return reader.end(at === buffer.length);
    if (!reader.take(buffer.subarray(at, end))) return reader.report();
    at = end + 1;
  }
}
