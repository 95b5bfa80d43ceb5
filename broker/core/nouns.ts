// The nouns: of each the rules, commands, answers and queries, and what falls due of it in time.
import { askAnswers } from './asks/answers.js';
import { chainsView } from './asks/chains.js';
import { askCommands } from './asks/commands.js';
import { timedAsks } from './asks/due.js';
import { askQueries } from './asks/queries.js';
import { asksView } from './asks/rules.js';
import { checkpointsView } from './audit/rules.js';
import { boardCommands } from './boards/commands.js';
import { boardQueries } from './boards/queries.js';
import { boardsView } from './boards/rules.js';
import { handoverAnswers } from './handovers/answers.js';
import { handoverCommands } from './handovers/commands.js';
import { handoversView } from './handovers/rules.js';
import { inboxAnswers } from './inbox/answers.js';
import { inboxCommands } from './inbox/commands.js';
import { inboxQueries } from './inbox/queries.js';
import { inboxView } from './inbox/rules.js';
import { jobAnswers } from './jobs/answers.js';
import { jobCommands } from './jobs/commands.js';
import { timedJobs } from './jobs/due.js';
import { jobNoticesView } from './jobs/notices.js';
import { jobQueries } from './jobs/queries.js';
import { jobsView } from './jobs/rules.js';
import { leaseAnswers } from './leases/answers.js';
import { leaseCommands } from './leases/commands.js';
import { timedLeases } from './leases/due.js';
import { leaseQueries } from './leases/queries.js';
import { leasesView } from './leases/rules.js';
import { logQueries } from './log/queries.js';
import { meshQueries } from './mesh/queries.js';
import { messageAnswers } from './messages/answers.js';
import { messageCommands } from './messages/commands.js';
import { messageQueries } from './messages/queries.js';
import { messagesView } from './messages/rules.js';
import { peerAnswers } from './peers/answers.js';
import { peerCommands } from './peers/commands.js';
import { timedPeers } from './peers/due.js';
import { gatewaysView } from './peers/gateways.js';
import { peerQueries } from './peers/queries.js';
import { peersView } from './peers/rules.js';
import { reviewCommands } from './reviews/commands.js';
import { reviewQueries } from './reviews/queries.js';
import { reviewsView } from './reviews/rules.js';
import { scheduleAnswers } from './schedules/answers.js';
import { scheduleCommands } from './schedules/commands.js';
import { timedSchedules } from './schedules/due.js';
import { scheduleFiresView } from './schedules/fires.js';
import { scheduleQueries } from './schedules/queries.js';
import { schedulesView } from './schedules/rules.js';
import type { Answers } from './shared/answers.js';
import type { Commands } from './shared/command-context.js';
import type { Queries } from './shared/query-context.js';
import type { Timed } from './shared/timed.js';
import type { View } from './shared/view.js';
import { tokenAnswers } from './tokens/answers.js';
import { tokenCommands } from './tokens/commands.js';
import { tokenQueries } from './tokens/queries.js';
import { tokensView } from './tokens/rules.js';
import { usageCommands } from './usage/commands.js';
import { usageQueries } from './usage/queries.js';
import { usageView } from './usage/rules.js';
import { pastQueries } from './views/past.js';
import { watchAnswers } from './watches/answers.js';
import { watchCommands } from './watches/commands.js';
import { timedWatches } from './watches/due.js';
import { watchQueries } from './watches/queries.js';
import { watchesView } from './watches/rules.js';
import { webhookAnswers } from './webhooks/answers.js';
import { webhookCommands } from './webhooks/commands.js';
import { webhookQueries } from './webhooks/queries.js';
import { webhooksView } from './webhooks/rules.js';

/** What one noun brings; whoever handles events, commands or reads looks it up here. */
export interface Noun {
  views: readonly View[];
  commands?: Commands;
  answers?: Answers;
  queries?: Queries;
}

/** In this order: later views read what earlier ones changed. */
export const nouns: readonly Noun[] = [
  { views: [gatewaysView], queries: { ...meshQueries, ...logQueries } },
  {
    views: [tokensView],
    commands: tokenCommands,
    answers: tokenAnswers,
    queries: tokenQueries,
  },
  { views: [peersView], commands: peerCommands, answers: peerAnswers, queries: peerQueries },
  { views: [handoversView], commands: handoverCommands, answers: handoverAnswers },
  { views: [usageView], commands: usageCommands, queries: usageQueries },
  { views: [asksView], commands: askCommands, answers: askAnswers, queries: askQueries },
  {
    views: [messagesView],
    commands: messageCommands,
    answers: messageAnswers,
    queries: messageQueries,
  },
  { views: [inboxView], commands: inboxCommands, answers: inboxAnswers, queries: inboxQueries },
  {
    views: [schedulesView, scheduleFiresView],
    commands: scheduleCommands,
    answers: scheduleAnswers,
    queries: scheduleQueries,
  },
  {
    views: [jobsView, jobNoticesView],
    commands: jobCommands,
    answers: jobAnswers,
    queries: jobQueries,
  },
  { views: [reviewsView], commands: reviewCommands, queries: reviewQueries },
  {
    views: [webhooksView],
    commands: webhookCommands,
    answers: webhookAnswers,
    queries: webhookQueries,
  },
  { views: [boardsView], commands: boardCommands, queries: boardQueries },
  {
    views: [leasesView],
    commands: leaseCommands,
    answers: leaseAnswers,
    queries: leaseQueries,
  },
  {
    views: [watchesView],
    commands: watchCommands,
    answers: watchAnswers,
    queries: watchQueries,
  },
  { views: [chainsView] },
  { views: [], queries: pastQueries },
  { views: [checkpointsView] },
];

/** In this order, what is due at one time is proposed: who is given up takes its asks with it. */
export const timed: readonly Timed[] = [
  timedAsks,
  timedJobs,
  timedSchedules,
  timedLeases,
  timedWatches,
  timedPeers,
];
