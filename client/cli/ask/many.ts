// Asking many peers the same at once.
import type { CallParams } from '../../sdk/api.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import type { Wait } from '../options.js';
import { noteShown } from '../reach/find.js';
import type { Reach } from '../reach/reach.js';
import { awaitRollup } from './rollup.js';

/** Asks, says under which id the answers gather, and waits for them when told to. */
export async function askMany(
  cli: Cli,
  reach: Reach,
  params: CallParams<'ask.fan_out'>,
  wait: Wait | undefined,
): Promise<void> {
  const { terminal } = cli;
  const whom = params.to.length === 1 ? '1 peer' : `${params.to.length} peers`;
  const asked = await terminal.during(`asking ${whom}`, reach.speak('ask.fan_out', params));
  await noteShown(cli, reach, [asked.group, ...asked.asks]);
  const short = shortId(asked.group);
  if (wait !== undefined) {
    terminal.say(`asked ${whom} (${short})`);
    return awaitRollup(cli, reach, asked.group, wait);
  }
  await terminal.one(asked, () => [`ask ${short} to ${whom}: ${params.to.join(', ')}`]);
  terminal.hint(`see what they say: signalbox rollup ${short} --wait`);
}
