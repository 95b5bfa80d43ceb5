// The auditor asks the follower for no more than an answer needs.
import { test } from 'tap';
import type { ExportPlace } from '../../broker/archive/audit/export.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { Auditor } from '../../broker/runtime/audit/auditor.js';
import { systemClock } from '../../broker/system/clock.js';
import { AuditPart } from '../../broker/timeline/audit-part.js';
import type { TimelineQuestion } from '../../broker/timeline/part.js';
import { limits } from '../../schemas/limits.js';
import type { Refusal } from '../../schemas/refusal.js';
import { opened, tells, web } from '../dsl/events.js';
import { folded } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';

test('a page of an export waits for its own commits, not for those of now', async t => {
  const mesh = new Mesh();
  mesh.say(opened('log_1'));
  const fold = folded(mesh.log);
  const waited: (number | undefined)[] = [];
  const place = { log: 'log_1', next: 1, to: 1 } as ExportPlace;
  const timeline = {
    async ask({ upTo }: TimelineQuestion) {
      waited.push(upTo);
      mesh.say(tells(waited.length, web, web, 'busy'));
      folded(mesh.log.slice(fold.sequence), fold);
      return { lines: [], place, isAtEnd: false };
    },
  };
  const inline = new AuditPart({ read: async function* () {} }, systemClock);
  const auditor = new Auditor({
    fold,
    signer: passingSigner(),
    timeline: timeline as never,
    inline,
    now: () => 0,
  });
  const begun = await auditor.begin({ format: 'raw', from: 1, to: 1, redact: [] });
  const next = 'next' in begun ? (begun.next ?? '') : '';
  t.match(await auditor.goOn(next), { done: 0, to: 1 });
  t.same(waited, [1, 1, 1], 'though the log goes on');
});

test('so many pages of exports are read at a time, some wait, others are refused', async t => {
  const mesh = new Mesh();
  mesh.say(opened('log_1'));
  let [reading, most] = [0, 0];
  const place = { log: 'log_1', next: 1, to: 1 } as ExportPlace;
  const timeline = {
    async ask() {
      most = Math.max(most, ++reading);
      await new Promise(resolve => setImmediate(resolve));
      reading--;
      return { lines: [], place, isAtEnd: false };
    },
  };
  const auditor = new Auditor({
    fold: folded(mesh.log),
    signer: passingSigner(),
    timeline: timeline as never,
    inline: new AuditPart({ read: async function* () {} }, systemClock),
    now: () => 0,
  });
  const request = { format: 'raw', from: 1, to: 1, redact: [] } as const;
  const { export_calls: at, export_waiting_calls: waiting } = limits;
  const answers = await Promise.all(Array.from({ length: 40 }, () => auditor.begin(request)));
  const refused = answers.filter(answer => 'refusal' in answer);
  t.equal(most, at);
  t.equal(answers.length - refused.length, at + waiting);
  t.ok(refused.every(answer => (answer as Refusal).refusal === 'rate_limited'));
  t.match(await auditor.begin(request), { done: 0 }, 'there is room again');
});
