// What an operator is told that has made a token.
import { named } from '../../../schemas/uuid.js';
import { type Answers, madeSecret } from '../shared/answers.js';

export const tokenAnswers = {
  'token.create': (context, command) => ({
    token: named('token', command.id),
    ...madeSecret(context, command),
  }),
} satisfies Answers;
