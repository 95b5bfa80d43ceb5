// What a peer is told that takes its inbox: the generation its acknowledgements go by.
import type { Answers } from '../shared/answers.js';

export const inboxAnswers = {
  'inbox.subscribe': (_, _asked, { receipt }) => ({
    generation: receipt?.kind === 'generation' ? receipt.n : 0,
  }),
} satisfies Answers;
