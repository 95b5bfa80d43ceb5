// Fills a data directory with a long history, written straight into the log that a broker opens.
import { encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import { pack } from '../../schemas/codec.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { idMaker } from '../load/ids.js';
import { numberedText, withNumber } from '../load/stencil.js';
import type { SeedProgram } from '../programs.js';
import { serve } from '../serve.js';
import { openFloor } from './floor.js';
import { startBroker } from './start-broker.js';

/** Appends under way at once. */
const WINDOW = 64;

const program: SeedProgram = {
  async fill({ events, commit_events, text_bytes, ...options }) {
    // A broker opens the log, and vouches for it.
    const broker = await startBroker(options);
    await broker.close();
    const floor = await openFloor(options);
    const newId = idMaker();
    const boot = `boot_${newId()}`;
    const peer = `peer_${newId()}`;
    let bytes = 0;
    let number = 0;
    const append = async (said: readonly object[]) => {
      const made = said.map(event => eventMark({ ...envelope, id: newId(), ...event }));
      const commit = encodeCommit({ boot, number: ++number, clock: Date.now(), events: made });
      bytes += commit.length;
      const { outcome } = await floor.log.append(`${boot}.${number}`, commit);
      if (outcome !== 'stored') throw new Error(`an append of the history was ${outcome}`);
    };
    const secret_hash = hashSecret(newId());
    await append([
      { type: 'gateway.started', by: boot, circle: '*', gateway: 'gateway_bench', boot },
      { type: 'peer.joined', by: OPERATOR, ...joined, peer, secret_hash },
    ]);
    const text = numberedText(text_bytes);
    const turn = { type: 'peer.turned', by: peer, token: OPERATOR, state: 'working' };
    const flights: Promise<void>[] = [];
    for (let made = 0; made < events; ) {
      const said = [];
      for (; said.length < commit_events && made < events; made++) {
        said.push({ ...turn, text: withNumber(text, made) });
      }
      flights.push(append(said));
      if (flights.length >= WINDOW) await flights.shift();
    }
    await Promise.all(flights);
    await floor.close();
    return { commits: number, bytes };
  },
};

const joined = {
  token: OPERATOR,
  name: 'history',
  role: 'agent',
  connected: false,
};

const envelope = { v: 1, id: '', type: '', circle: 'default' };

function eventMark(event: typeof envelope) {
  const circles = event.circle === '*' ? [] : [event.circle];
  return { type: event.type, circles, bytes: pack(event) };
}

serve(program, async () => {});
