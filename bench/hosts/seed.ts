// Fills a data directory with a long history, written straight into the log that a broker opens.
import { encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import { pack } from '../../schemas/codec.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { idMaker } from '../load/ids.js';
import { PEERS, type Saying, sayingsOf } from '../load/sayings.js';
import { numberedText, withNumber } from '../load/stencil.js';
import type { SeedProgram } from '../programs.js';
import { serve } from '../serve.js';
import { openFloor } from './floor.js';
import { startBroker } from './start-broker.js';

/** Appends under way at once. */
const WINDOW = 64;

const program: SeedProgram = {
  async fill({ events, commit_events, texts, ...options }) {
    // A broker opens the log, and vouches for it.
    const broker = await startBroker(options);
    await broker.close();
    const floor = await openFloor(options);
    const newId = idMaker();
    const boot = `boot_${newId()}`;
    const count = texts === 'words' ? PEERS : 1;
    const peers = Array.from({ length: count }, () => `peer_${newId()}`);
    let bytes = 0;
    let number = 0;
    const append = async (said: readonly object[]) => {
      const made = said.map(event => eventMark({ ...envelope, id: newId(), ...event }));
      const commit = encodeCommit({ boot, number: ++number, clock: Date.now(), events: made });
      bytes += commit.length;
      const { outcome } = await floor.log.append(`${boot}.${number}`, commit);
      if (outcome !== 'stored') throw new Error(`an append of the history was ${outcome}`);
    };
    await append([
      { type: 'gateway.started', by: boot, circle: '*', gateway: 'gateway_bench', boot },
      ...peers.map((peer, n) => ({
        type: 'peer.joined',
        by: OPERATOR,
        ...joined,
        name: `history-${n}`,
        peer,
        secret_hash: hashSecret(newId()),
      })),
    ]);
    const flights: Promise<void>[] = [];
    let said: object[] = [];
    const sayings = texts === 'words' ? sayingsOf(events) : numbered(events, texts.numbered_bytes);
    for (const { by, text } of sayings) {
      said.push({ ...turn, by: peers[by], text });
      if (said.length < commit_events) continue;
      flights.push(append(said));
      said = [];
      if (flights.length >= WINDOW) await flights.shift();
    }
    if (said.length > 0) flights.push(append(said));
    await Promise.all(flights);
    await floor.close();
    return { commits: number, bytes, peers };
  },
};

/** What one peer says, by which a reader sees that nothing is missing. */
function* numbered(events: number, text_bytes: number): Generator<Saying> {
  const text = numberedText(text_bytes);
  for (let n = 0; n < events; n++) yield { by: 0, text: withNumber(text, n) };
}

const joined = {
  token: OPERATOR,
  role: 'agent',
  connected: false,
};

const envelope = { v: 1, id: '', type: '', circle: 'default' };

const turn = { type: 'peer.turned', token: OPERATOR, state: 'working' };

function eventMark(event: typeof envelope) {
  const circles = event.circle === '*' ? [] : [event.circle];
  return { type: event.type, circles, bytes: pack(event) };
}

serve(program, async () => {});
