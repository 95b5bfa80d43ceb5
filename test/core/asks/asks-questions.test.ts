// The rules of questions: which answer each kind takes, at the door and in the log alike.
import t from 'tap';
import type { Outcome } from '../../../schemas/ask.js';
import type { RefusalName } from '../../../schemas/refusal.js';
import * as p from '../../dsl/events.js';
import { api, askNo, asks, closes, db, joins, web } from '../../dsl/events.js';
import { choice, permission, yesOrNo } from '../../dsl/events-asks.js';
import { given } from '../../dsl/given.js';

const three = [joins(web), joins(api), joins(db)];

const questions = {
  none: undefined,
  acknowledge: { kind: 'acknowledge' },
  choice,
  text: { kind: 'text' },
  permission,
  'permission with options': { kind: 'permission', options: yesOrNo },
} as const;

const answers = {
  nothing: {},
  words: { text: 'because' },
  'no words': { text: '' },
  'an option': { option: 'y' },
  'another option': { option: 'z' },
} as const;

type Kind = keyof typeof questions;
type Given = keyof typeof answers;

/** What stands against the outcome `replied`; anything not named here is taken. */
const refusals: { [K in Kind]: { [A in Given]?: RefusalName } } = {
  none: { 'an option': 'ask_not_question', 'another option': 'ask_not_question' },
  acknowledge: { 'an option': 'ask_not_question', 'another option': 'ask_not_question' },
  choice: {
    nothing: 'option_unknown',
    words: 'option_unknown',
    'no words': 'option_unknown',
    'another option': 'option_unknown',
  },
  text: {
    nothing: 'invalid',
    'no words': 'invalid',
    'an option': 'ask_not_question',
    'another option': 'ask_not_question',
  },
  permission: { 'an option': 'ask_not_question', 'another option': 'ask_not_question' },
  'permission with options': { 'another option': 'option_unknown' },
};

/** Every other outcome needs nothing; an option that comes with it must still be one. */
function refusalFor(kind: Kind, outcome: Outcome, answer: Given): RefusalName | undefined {
  const refusal = refusals[kind][answer];
  if (outcome === 'replied') return refusal;
  return 'option' in answers[answer] ? refusal : undefined;
}

for (const kind of Object.keys(questions) as Kind[]) {
  t.test(`question ${kind}: every outcome with every answer`, async t => {
    for (const outcome of ['acknowledged', 'replied', 'declined', 'denied'] as const) {
      for (const answer of Object.keys(answers) as Given[]) {
        const question = questions[kind] as { kind: string } | undefined;
        const said = answers[answer];
        const refusal = refusalFor(kind, outcome, answer);
        const world = given(t, ...three, asks(1, web, api, 'so?', { question }));
        const decision = world.when(api, 'ask.close', { ask: askNo(1), outcome, ...said });
        if (refusal === undefined) {
          decision
            .thenEvent({ outcome, ...said })
            .thenAsk(1, { outcome, question, reply: { by: api.peer, ...said } })
            .thenInbox(web, {
              kind: 'reply',
              outcome,
              text: 'text' in said ? said.text : '',
              option: 'option' in said ? said.option : undefined,
            });
        } else {
          decision.thenRefused(refusal);
          world.and(closes(api, 1, outcome, said)).thenVoid(refusal);
          world.thenAsk(1, { state: 'open' }).thenInbox(web);
        }
      }
    }
  });
}

t.test('who names an option that is none is told the options there are', async t => {
  const world = given(t, ...three, asks(1, web, api, 'so?', { question: choice }));
  const answered = { ask: askNo(1), outcome: 'replied' } as const;
  world.when(api, 'ask.close', { ...answered, option: 'z' }).thenRefused('option_unknown', {
    options: yesOrNo,
  });
  world.when(api, 'ask.close', answered).thenRefused('option_unknown', { options: yesOrNo });
});

t.test('a question stands in the thread and before its recipient', async t => {
  given(t, ...three)
    .when(web, 'ask.open', { id: p.uuid(1), to: 'api', text: 'so?', question: choice as never })
    .thenEvent({ question: choice })
    .thenAsk(1, { question: choice })
    .thenInbox(api, { kind: 'ask', question: choice });
});

t.test('who may not close a question is told so before anything of its options', async t => {
  const world = given(t, ...three, asks(1, web, api, 'so?', { question: choice }));
  const wrong = { ask: askNo(1), outcome: 'replied', option: 'z' } as const;
  world.when(db, 'ask.close', wrong).thenRefused('not_yours');
  world.and(closes(web, 1, 'cancelled'));
  world.when(api, 'ask.close', wrong).thenRefused('ask_closed');
});

t.test('a question back chooses nothing and grants nothing', async t => {
  const ends = [
    [undefined, 'replied'],
    [{ kind: 'acknowledge' }, 'replied'],
    [{ kind: 'text' }, 'replied'],
    [choice, 'declined'],
    [permission, 'denied'],
  ] as const;
  for (const [question, outcome] of ends) {
    given(t, ...three, asks(1, web, api, 'so?', { question }))
      .when(api, 'ask.open', { id: p.uuid(2), to: 'web', text: 'why?', reply_to: askNo(1) })
      .thenEvent({})
      .thenAsk(1, { outcome, reply: { text: 'why?', by: api.peer } })
      .thenInbox(web, { kind: 'ask', ref: askNo(2), reply_to: askNo(1) });
  }
});

t.test('a question as no broker writes it is void, and opens nothing', async t => {
  const wrong = [
    {},
    { kind: 'choice' },
    { kind: 'choice', options: [] },
    { kind: 'choice', options: 'yes' },
    { kind: 'choice', options: [null] },
    { kind: 'choice', options: [{ id: 'y' }] },
    { kind: 'choice', options: [yesOrNo[0], yesOrNo[0]] },
    { kind: 'text', options: yesOrNo },
    {
      kind: 'permission',
      options: Array.from({ length: 33 }, (_, n) => ({ id: `${n}`, label: '' })),
    },
    { kind: 7 },
  ];
  for (const question of wrong) {
    given(t, ...three, asks(1, web, api, 'so?', { question }))
      .thenVoid('malformed')
      .thenAsk(1, undefined);
  }
  given(t, ...three, asks(1, web, api, 'so?', { question: { ...choice, more: { deep: [] } } }))
    .thenApplied()
    .thenAsk(1, { question: choice });
  given(t, ...three, asks(1, web, api), closes(api, 1, 'nonsense')).thenVoid('malformed');
});
