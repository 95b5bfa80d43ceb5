// What the sender of a message is told: its id, and who it reaches.
import { named } from '../../../schemas/uuid.js';
import { type Answers, deliveryOf, withOutlook } from '../shared/answers.js';

export const messageAnswers = {
  'notify.send': (context, command, outcome) =>
    withOutlook(context, command, outcome, {
      message: named('msg', command.id),
      delivery: deliveryOf(outcome),
    }),
  'broadcast.send': (_, { id }, { receipt }) => ({
    message: named('msg', id),
    recipients: receipt?.kind === 'count' ? receipt.n : 0,
  }),
} satisfies Answers;
