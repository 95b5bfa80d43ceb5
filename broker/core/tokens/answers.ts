// What an operator is told that has made a token.
import { named } from '../../../schemas/uuid.js';
import { type Answers, madeSecret } from '../shared/answers.js';

export const tokenAnswers = {
  'token.create': (context, asked) => ({
    token: named('token', asked.id),
    ...madeSecret(context, asked),
  }),
} satisfies Answers;
