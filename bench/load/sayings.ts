// A made-up language whose words are as uneven as real ones, and what a search for it would ask.

/** What one peer of many says. */
export interface Saying {
  /** Which of the peers. */
  by: number;
  text: string;
}

export const PEERS = 200;
/** Says one thing in the whole history. */
export const RARE_PEER = PEERS - 1;

const WORDS = 30_000;
const WORDS_A_TEXT = 12;
/** A prime, so that neighbours in rank have little in common. */
const STEP = 7_919;
const ROOM = 1_000_003;
const FIRST = 46_656;
/** The higher, the more often the first words are said (Zipf). */
const UNEVEN = 3;
const RARE_AT = [0.1, 0.5, 0.9];
const RARE_PEER_AT = 0.3;

export const RARE = 'zebrafish landed';

const wordAt = (rank: number) => (((rank * STEP) % ROOM) + FIRST).toString(36);
const [common, alsoCommon, middling, seldom] = [0, 1, 30, 300].map(wordAt);

/** The same number of events gives the same texts. */
export function* sayingsOf(events: number): Generator<Saying> {
  const words = Array.from({ length: WORDS }, (_, rank) => wordAt(rank));
  const rareAt = new Set(RARE_AT.map(share => Math.floor(events * share)));
  const rarePeerAt = Math.floor(events * RARE_PEER_AT);
  const chance = chanceFrom(1);
  for (let n = 0; n < events; n++) {
    const said = rareAt.has(n) ? [RARE] : [];
    for (let i = 0; i < WORDS_A_TEXT; i++)
      said.push(words[Math.floor(chance() ** UNEVEN * WORDS)]!);
    yield { by: n === rarePeerAt ? RARE_PEER : n % RARE_PEER, text: said.join(' ') };
  }
}

export interface Query {
  name: string;
  /** Of `log.search`. */
  params: object;
  /** Hits of the whole history, where they are few. */
  hits?: number;
}

/** One of each kind; the peer is the rare one. */
export function queriesOf(peer: string): readonly Query[] {
  return [
    { name: 'a rare word', params: { query: 'zebrafish' }, hits: RARE_AT.length },
    { name: 'a common word', params: { query: common } },
    { name: 'two common words', params: { query: `${common} ${alsoCommon}` } },
    { name: 'two words', params: { query: `${middling} ${seldom}` } },
    { name: 'a phrase', params: { query: `"${RARE}"` }, hits: RARE_AT.length },
    { name: 'a prefix', params: { query: 'zebraf*' }, hits: RARE_AT.length },
    { name: 'a word nobody said', params: { query: 'nowhereatall' }, hits: 0 },
    { name: 'what a rare peer said', params: { query: '', filter: { peers: [peer] } } },
    { name: 'best: rare words', params: { query: RARE, order: 'best' }, hits: RARE_AT.length },
    { name: 'best: common words', params: { query: `${common} ${alsoCommon}`, order: 'best' } },
  ];
}

/** A linear congruential generator: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function chanceFrom(seed: number): () => number {
  const [times, plus, mask] = [1_103_515_245, 12_345, 0x7fff_ffff];
  let state = seed;
  return () => {
    state = (Math.imul(state, times) + plus) & mask;
    return state / (mask + 1);
  };
}
