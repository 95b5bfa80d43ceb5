// What a pull request wants of its reviewer: each cell of the table, told as the events before it.
import t from 'tap';
import { type Action, myAction } from '../../../broker/core/reviews/my-action.js';
import type { ReviewState } from '../../../broker/core/rows/reviews.js';
import { api, type Draft, joins, web } from '../../dsl/events.js';
import { marks, observed, pull, pushes, requests, sha, touches } from '../../dsl/events-reviews.js';
import { given } from '../../dsl/given.js';
import { finds } from '../../dsl/histories.js';

const asked = [joins(web), joins(api), touches(web, 1), requests(web, 1, api)];

type Decide = typeof myAction;
type Cell = readonly [what: string, action: Action, ...steps: Draft[]];

const head = (digit: number) => ({ head_sha: sha(digit) });
const open = (digit: number) => observed(1, 'open', head(digit));

const cells: readonly Cell[] = [
  ['never reviewed, state unknown', 'review-needed'],
  ['never reviewed, open', 'review-needed', open(1)],
  ['never reviewed, merged', 'merged-since-review', observed(1, 'merged', head(1))],
  ['never reviewed, closed', 'closed-since-review', observed(1, 'closed', head(1))],

  ['the head that was pushed, state unknown', 'none-needed', pushes(web, 1, 1), marks(api, 1)],
  ['the head that GitHub named', 'none-needed', open(1), marks(api, 1)],
  ['the head, by an abbreviation', 'none-needed', open(1), marks(api, 1, { sha: '1111111' })],
  [
    'the head, which only others abbreviate',
    'none-needed',
    touches(web, 1, { head_sha: '1111111' }),
    marks(api, 1, { sha: sha(1) }),
  ],
  ['the final head, merged', 'none-needed', open(1), marks(api, 1), observed(1, 'merged', head(1))],
  ['the final head, closed', 'none-needed', open(1), marks(api, 1), observed(1, 'closed', head(1))],
  ['the head, after it merged', 'none-needed', observed(1, 'merged', head(1)), marks(api, 1)],

  [
    'another commit, pushed since, state unknown',
    're-review-suggested',
    pushes(web, 1, 1),
    marks(api, 1),
    pushes(web, 1, 2),
  ],
  ['another commit, named since', 're-review-suggested', open(1), marks(api, 1), open(2)],
  ['an older commit', 're-review-suggested', open(2), marks(api, 1, { sha: sha(1) })],
  [
    'another commit, merged',
    'merged-since-review',
    open(1),
    marks(api, 1),
    observed(1, 'merged', head(2)),
  ],
  [
    'another commit, closed',
    'closed-since-review',
    open(1),
    marks(api, 1),
    observed(1, 'closed', head(2)),
  ],
  ['reviewed again after a push', 'none-needed', open(1), marks(api, 1), open(2), marks(api, 1)],

  ['no head, and none is known', 'none-needed', marks(api, 1)],
  ['no head, and a touch without one', 'none-needed', marks(api, 1), touches(web, 1)],
  ['a commit, and no head is known', 'none-needed', marks(api, 1, { sha: sha(1) })],
  ['no head, open without one', 'none-needed', marks(api, 1), observed(1, 'open')],
  ['no head, merged without one', 'merged-since-review', marks(api, 1), observed(1, 'merged')],
  ['no head, closed without one', 'closed-since-review', marks(api, 1), observed(1, 'closed')],
  ['no head, after it merged without one', 'none-needed', observed(1, 'merged'), marks(api, 1)],
  ['no head, after it closed without one', 'none-needed', observed(1, 'closed'), marks(api, 1)],

  ['no head, pushed since', 're-review-suggested', marks(api, 1), pushes(web, 1, 1)],
  ['no head, moved since', 're-review-suggested', marks(api, 1), open(1), open(2)],
  [
    'no head, pushed and merged since',
    'merged-since-review',
    marks(api, 1),
    pushes(web, 1, 1),
    observed(1, 'merged', head(1)),
  ],

  ['no head, and GitHub has named one since', 'unknown', marks(api, 1), open(1)],
  [
    'no head, named and merged since',
    'merged-since-review',
    marks(api, 1),
    observed(1, 'merged', head(1)),
  ],
  [
    'no head, named and closed since',
    'closed-since-review',
    marks(api, 1),
    observed(1, 'closed', head(1)),
  ],
];

/** The cells of the table that a decision gets wrong. */
function wrong(decide: Decide): string[] {
  return cells.flatMap(([what, action, ...steps]) => {
    const { table } = given(t, ...asked, ...steps).mesh;
    const row = table.reviews.get('default', pull(1)) as ReviewState;
    const said = decide(
      row,
      row.marks.find(({ peer }) => peer === api.peer),
    );
    return said === action ? [] : [`${what}: ${said}, not ${action}`];
  });
}

function law(decide: Decide): () => void {
  return () => {
    const found = wrong(decide);
    if (found.length > 0) throw new Error(found.join('\n'));
  };
}

t.test('every cell of the table is as it says', async t => {
  t.strictSame(wrong(myAction), []);
});

t.test('a decision that is wrong in any column is found out', async t => {
  const mutants: Record<string, Decide> = {
    'follows heads only while it is known to be open': (row, mark) =>
      row.state === 'unknown' && mark !== undefined ? 'none-needed' : myAction(row, mark),
    'compares commits letter for letter': (row, mark) =>
      mark?.sha !== undefined && row.head_sha !== undefined && mark.sha !== row.head_sha
        ? 're-review-suggested'
        : myAction(row, mark),
    'forgets that a push proves new commits': (row, mark) =>
      myAction({ ...row, pushed_position: 0 }, mark),
    'takes what merged for done': (row, mark) =>
      row.state === 'merged' ? 'none-needed' : myAction(row, mark),
  };
  for (const [what, mutant] of Object.entries(mutants)) finds(t, law(mutant), what);
});
