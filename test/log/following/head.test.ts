// In a cluster the head is believed only of a leader that leads, and never below what is known.
import t from 'tap';
import { deposition, readHead } from '../../../broker/log/following/head.js';
import { StoreError, type StreamInfo, type Wire } from '../../../broker/log/wire.js';
import { systemClock } from '../../../broker/system/clock.js';

const heard = { active: 1_200_000_000, current: true };
const lagging = { active: 1_000_000, current: false };
const silent = { active: 4_000_000_000, current: true };
const gone = { ...heard, offline: true };

function info(last_seq: number, ...replicas: (typeof heard)[]): StreamInfo {
  const config = { max_bytes: 0, num_replicas: 3 };
  const cluster = { leader: 'n1', replicas };
  return { config, state: { bytes: 0, first_seq: 1, last_seq }, cluster };
}

/** A connection whose answers, or errors, come in this order; the last one again and again. */
function answering(...answers: (StreamInfo | StoreError)[]): Wire {
  const isClustered = answers.some(answer => 'cluster' in answer);
  const call = async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof StoreError) throw answer;
    return answer;
  };
  return { call, isClustered: () => isClustered } as unknown as Wire;
}

const headOf = (wire: Wire, known = 0) => readHead({ wire, clock: systemClock }, 'S', () => known);

t.test('a leader leads while a majority, itself included, was heard lately', async t => {
  t.equal(deposition(info(1, heard, heard)), undefined);
  t.equal(deposition(info(1, heard, gone)), undefined, 'one may be away');
  for (const other of [silent, gone, lagging]) {
    t.match(deposition(info(1, silent, other)), /hears 1 of 3 replicas/);
  }
  const { replicas } = info(1, heard, heard, heard).cluster!;
  t.match(deposition({ cluster: { replicas } }), /no leader/, 'whoever else answers does not');
  t.equal(deposition(info(1)), undefined, 'a stream that one server keeps has no majority');
});

t.test('a head below what was acknowledged is asked for again until it is there', async t => {
  const wire = answering(info(4, heard, heard), info(7, heard, heard));
  t.equal(await headOf(wire, 7), 7);
  const rising = answering(info(0), info(7, heard, heard));
  t.equal(await headOf(rising, 7), 7, 'also of one that lists no replica of three yet');
});

t.test('nobody answering is waited out, any other refusal is told at once', async t => {
  const away = new StoreError('the log store does not answer STREAM.INFO.S (503)');
  t.equal(await headOf(answering(away, away, info(3, heard, heard))), 3);
  await t.rejects(headOf(answering(new StoreError('no such stream', 10_059))), /no such stream/);
});

t.test('2: a leader that was just elected may not know the stream yet', async t => {
  const unknown = new StoreError('no such stream', 10_059);
  t.equal(await headOf(answering(unknown, info(3, heard, heard))), 3);
});

t.test('a leader that hears no majority gives no head', async t => {
  const wire = answering(info(4, silent, silent), info(5, heard, silent));
  t.equal(await headOf(wire), 5);
});
