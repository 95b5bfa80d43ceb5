// The made-up texts of the search bench: the same each time, with the rare ones where they belong.
import t from 'tap';
import { queriesOf, RARE, RARE_PEER, sayingsOf } from '../../bench/load/sayings.js';

t.test('the same number of events gives the same texts, with each rare thing in its number', t => {
  const all = [...sayingsOf(2_000)];
  t.equal(all.length, 2_000);
  t.same(all, [...sayingsOf(2_000)]);
  t.equal(all.filter(({ text }) => text.includes(RARE)).length, 3);
  t.equal(all.filter(({ by }) => by === RARE_PEER).length, 1);
  t.end();
});

t.test('common words are common, and what nobody said is in no text', t => {
  const texts = [...sayingsOf(2_000)].map(({ text }) => text.split(' '));
  const said = (name: string) => {
    const { params } = queriesOf('peer_1').find(each => each.name === name)!;
    const words = (params as { query: string }).query.split(' ');
    return texts.filter(text => words.every(word => text.includes(word))).length;
  };
  t.ok(said('a common word') > 400);
  t.equal(said('a rare word'), 3);
  t.equal(said('a word nobody said'), 0);
  t.end();
});
