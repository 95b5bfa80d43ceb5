// What is told of a watch that was made.
import { named } from '../../../schemas/uuid.js';
import type { Answers } from '../shared/answers.js';

export const watchAnswers = {
  'watch.create': (_, { id }) => ({ watch: named('watch', id) }),
} satisfies Answers;
