// What who takes over is told: how much has moved.
import type { Answers } from '../shared/answers.js';

export const handoverAnswers = {
  'orchestrator.handover': (_, _asked, { receipt }) => ({
    things: receipt?.kind === 'count' ? receipt.n : 0,
  }),
} satisfies Answers;
