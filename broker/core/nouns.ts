// The nouns: of each the rules, commands and answers, and what the passing of time asks of it.
import { askAnswers } from './asks/answers.js';
import { chainsView } from './asks/chains.js';
import { askCommands } from './asks/commands.js';
import { timedAsks } from './asks/due.js';
import { asksView } from './asks/rules.js';
import { inboxAnswers } from './inbox/answers.js';
import { inboxCommands } from './inbox/commands.js';
import { inboxView } from './inbox/rules.js';
import { jobAnswers } from './jobs/answers.js';
import { jobCommands } from './jobs/commands.js';
import { timedJobs } from './jobs/due.js';
import { jobNoticesView } from './jobs/notices.js';
import { jobsView } from './jobs/rules.js';
import { messageAnswers } from './messages/answers.js';
import { messageCommands } from './messages/commands.js';
import { messagesView } from './messages/rules.js';
import { peerAnswers } from './peers/answers.js';
import { peerCommands } from './peers/commands.js';
import { timedPeers } from './peers/due.js';
import { gatewaysView } from './peers/gateways.js';
import { peersView } from './peers/rules.js';
import { reviewCommands } from './reviews/commands.js';
import { reviewsView } from './reviews/rules.js';
import { scheduleAnswers } from './schedules/answers.js';
import { scheduleCommands } from './schedules/commands.js';
import { timedSchedules } from './schedules/due.js';
import { scheduleFiresView } from './schedules/fires.js';
import { schedulesView } from './schedules/rules.js';
import type { Answers } from './shared/answers.js';
import type { Commands } from './shared/command-context.js';
import type { Timed } from './shared/timed.js';
import type { View } from './shared/view.js';
import { tokenAnswers } from './tokens/answers.js';
import { tokenCommands } from './tokens/commands.js';
import { tokensView } from './tokens/rules.js';
import { usageCommands } from './usage/commands.js';
import { usageView } from './usage/rules.js';

export interface Noun {
  views: readonly View[];
  commands?: Commands;
  answers?: Answers;
}

/** In this order: later views read what earlier ones changed. */
export const nouns: readonly Noun[] = [
  { views: [gatewaysView] },
  { views: [tokensView], commands: tokenCommands, answers: tokenAnswers },
  { views: [peersView], commands: peerCommands, answers: peerAnswers },
  { views: [usageView], commands: usageCommands },
  { views: [asksView], commands: askCommands, answers: askAnswers },
  { views: [messagesView], commands: messageCommands, answers: messageAnswers },
  { views: [inboxView], commands: inboxCommands, answers: inboxAnswers },
  {
    views: [schedulesView, scheduleFiresView],
    commands: scheduleCommands,
    answers: scheduleAnswers,
  },
  { views: [jobsView, jobNoticesView], commands: jobCommands, answers: jobAnswers },
  { views: [reviewsView], commands: reviewCommands },
  { views: [chainsView] },
];

/** In this order, what is due at one time is proposed: who is given up takes its asks with it. */
export const timed: readonly Timed[] = [timedAsks, timedJobs, timedSchedules, timedPeers];
