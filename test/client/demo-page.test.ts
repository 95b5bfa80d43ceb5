// Proves the look of the demo: columns that fit the terminal, colours only where they are wanted.
import pc from 'picocolors';
import t from 'tap';
import { scanned } from '../../client/boards/markdown/keeper.js';
import { createPage, type DemoPage, wrapped } from '../../client/demo/page.js';

const nameOf = (id: string) => ({ peer_o: 'orch', peer_w: 'web' })[id] ?? id;
const plain = pc.createColors(false);
const page = (width: number, paint = plain) => createPage({ paint, width }, nameOf);
const long = 'the lease of attempt 1 ran out: “Dark mode for checkout” is queued again';

/** A line of every kind. */
function lines(of: DemoPage): string[] {
  return [
    ...of.title('signalbox demo', long),
    ...of.scene(1, 'Scan', long),
    ...of.telling({ by: 'peer_o', to: 'peer_w', text: long }, 12.345),
    ...of.board(scanned('- [ ] Dark mode @web').items),
    ...of.table(['A', 'B'], [['one', long]]),
    ...of.quote(`${long}\n   - ${long}`),
    ...of.note(long),
    ...of.commands([['signalbox open', long]]),
  ];
}

t.test('no line is wider than the terminal, and a pipe gets 80 columns', async t => {
  for (const width of [40, 60, 80, 200, Number.POSITIVE_INFINITY]) {
    const room = width === Number.POSITIVE_INFINITY ? 80 : Math.min(width, 96);
    const over = lines(page(width)).filter(line => [...line].length > room);
    t.same(over, [], `${width} columns`);
  }
});

t.test('an event stands in columns: when, who, to whom, what', async t => {
  t.same(page(60).telling({ by: 'peer_o', to: 'peer_w', text: long }, 12.345), [
    ' 12.35 s  orch → web      the lease of attempt 1 ran out:',
    '                          “Dark mode for checkout” is queued',
    '                          again',
  ]);
  t.same(page(80).telling({ text: 'asks' }, 0), ['  0.00 s  broker          asks']);
  t.same(page(80).telling({ by: 'peer_w', text: 'is refused' }), [
    '          web             is refused',
  ]);
});

t.test('what goes on below keeps its depth', async t => {
  t.same(page(40).quote('1. web\n   - 14 of 23; cart and receipt are left'), [
    '          │ 1. web',
    '          │    - 14 of 23; cart and',
    '          │    receipt are left',
  ]);
});

t.test(
  'each of the company has a colour of its own, and without colours there is none',
  async t => {
    const colourful = page(80, pc.createColors(true));
    const [first = ''] = colourful.telling({
      by: 'peer_o',
      to: 'peer_w',
      text: 'asks',
      tone: 'bad',
    });
    t.match(first, '\x1b[32morch\x1b[39m');
    t.match(first, '\x1b[36mweb\x1b[39m');
    t.match(first, '\x1b[31masks\x1b[39m');
    t.notMatch(lines(page(80)).join(''), '\x1b');
  },
);

t.test('a text of others cannot steer the terminal', async t => {
  const [line = ''] = page(80).telling({ by: 'peer_w', text: 'a\x1b[2Jb\u202ec' });
  t.match(line, /abc$/);
});

t.test('a text is broken between words, and a word only where it must be', async t => {
  t.same(wrapped('one two three', 10), ['one two', 'three']);
  t.same(wrapped('0123456789abc d', 10), ['0123456789', 'abc d']);
  t.same(wrapped('', 10), ['']);
});
