// What an asker is told: the ids of its asks, and whether their recipient is there.
import { askIn, named } from '../../../schemas/uuid.js';
import { type Answers, deliveryOf, withOutlook } from '../shared/answers.js';

export const askAnswers = {
  'ask.open': (context, command, outcome) =>
    withOutlook(context, command, outcome, {
      ask: named('ask', command.id),
      delivery: deliveryOf(outcome),
    }),
  'ask.fan_out': (_, { id, params }) => {
    const group = named('ask', id);
    return { group, asks: ((params.to ?? []) as string[]).map((_, n) => askIn(group, n)) };
  },
} satisfies Answers;
