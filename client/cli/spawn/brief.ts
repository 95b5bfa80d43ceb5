// The first brief of a spawned session: said once, however often its start is tried.
import type { SpawnRecord } from '../../spawn/record.js';
import type { Cli } from '../cli.js';
import { noteShown } from '../reach/find.js';
import type { Reach } from '../reach/reach.js';

/** Says it where that is not done; the text is not kept any longer than that. */
export async function sayBrief(cli: Cli, reach: Reach, record: SpawnRecord): Promise<SpawnRecord> {
  const { brief, peer, job } = record;
  if (brief === undefined || peer === undefined || brief.ref !== undefined) return record;
  const { kind, id } = brief;
  const text = job === undefined ? (brief.text ?? '') : await jobText(reach, job, brief.text);
  const ref = kind === 'ask' ? `ask_${id}` : `msg_${id}`;
  if (!(await isSaid(reach, ref))) {
    const method = kind === 'ask' ? 'ask.open' : 'notify.send';
    await reach.speak(method, { id, to: peer, text });
  }
  await noteShown(cli, reach, [ref]);
  return { ...record, brief: { kind, id, ref } };
}

/** Another session may go on with a start: it is another author, and the command the same. */
async function isSaid(reach: Reach, ref: string): Promise<boolean> {
  const traced = await reach.look('message.trace', { ref }).catch(() => undefined);
  return (traced?.stages.length ?? 0) > 0;
}

async function jobText(reach: Reach, job: string, more: string | undefined): Promise<string> {
  const { number, title, kind } = await reach.look('job.get', { job });
  const lines = [
    `Job #${number} is for you: ${title}`,
    `Claim it (job_claim with job ${job}, or: signalbox job claim ${job}), read its brief, ` +
      `say how it goes, and finish it. Its kind is ${kind}.`,
    ...(more ? ['', more] : []),
  ];
  return lines.join('\n');
}

/** Takes it back from a session that never came; what it has answered stands. */
export async function takeBackBrief(reach: Reach, { brief }: SpawnRecord): Promise<boolean> {
  if (brief?.ref === undefined) return false;
  const taken =
    brief.kind === 'ask'
      ? reach.own('ask.close', { ask: brief.ref, outcome: 'cancelled' })
      : reach.own('message.retract', { message: brief.ref });
  return taken.then(
    () => true,
    () => false,
  );
}
