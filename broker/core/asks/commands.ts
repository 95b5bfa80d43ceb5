// Proposals of the noun ask.
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import type { PeerState } from '../rows/peers.js';
import { covers } from '../rows/rights.js';
import { weightOf } from '../rows/weight.js';
import {
  addresseeOf,
  type Commands,
  type Context,
  chainAfter,
  future,
  type Propose,
  self,
  visibleAsk,
} from '../shared/command-context.js';
import { about, recipientsObjection } from './fan-out.js';
import { unknownAsk } from './unknown-ask.js';

const proposeOpen: Propose<'ask.open', 'ask.opened'> = (context, params) => {
  const { id, to, circle, text, reply_to, question, attachments, caused_by } = params;
  if (reply_to !== undefined && visibleAsk(context, reply_to) === undefined) {
    return unknownAsk(context, reply_to);
  }
  const recipient = addresseeOf(context, to, circle);
  if (isRefusal(recipient)) return recipient;
  const deadline = future('deadline_at', params.deadline_at, context.now);
  if (isRefusal(deadline)) return deadline;
  return {
    circle: recipient.circle,
    ask: named('ask', id),
    to: recipient.peer,
    text,
    reply_to,
    question,
    deadline_at: deadline.at,
    attachments,
    caused_by,
    ...chainAfter(context, params),
  };
};

const proposeClose: Propose<'ask.close', 'ask.closed'> = (context, params) => {
  const { ask, outcome, text, option } = params;
  const thread = visibleAsk(context, ask);
  if (thread === undefined) return unknownAsk(context, ask);
  return { circle: thread.circle, ask, outcome, text, option };
};

const proposeFanOut: Propose<'ask.fan_out', 'ask.fanned_out'> = (context, params) => {
  const { id, text, question, quorum, attachments, caused_by } = params;
  const recipients = recipientsOf(context, params.to, params.circle);
  if (isRefusal(recipients)) return recipients;
  const deadline = future('deadline_at', params.deadline_at, context.now);
  if (isRefusal(deadline)) return deadline;
  const to = recipients.map(({ peer }) => peer);
  const chain = chainAfter(context, { caused_by });
  const weight = weightOf({ question, attachments });
  const { peer: by } = self(context);
  // The fold judges the same, but knows only ids: here a refusal names what the caller wrote.
  const objection = recipientsObjection(
    context.table,
    { by, to, text, hops: chain.hops, weight },
    params.to,
  );
  if (objection !== undefined) return objection;
  const circle = circleOf(context, recipients);
  if (isRefusal(circle)) return circle;
  return {
    ...circle,
    group: named('ask', id),
    to,
    text,
    question,
    deadline_at: deadline.at,
    quorum,
    attachments,
    caused_by,
    ...chain,
  };
};

function recipientsOf(
  context: Context,
  names: readonly string[],
  circle: string | undefined,
): PeerState[] | Refusal {
  const recipients: PeerState[] = [];
  for (const to of names) {
    const recipient = addresseeOf(context, to, circle);
    if (isRefusal(recipient)) return about(to, recipient);
    recipients.push(recipient);
  }
  return recipients;
}

/** The one circle of all recipients; several make it a matter of the whole mesh. */
function circleOf({ held }: Context, [first, ...others]: PeerState[]) {
  const isOne = others.every(({ circle }) => circle === first?.circle);
  if (isOne && first !== undefined) return { circle: first.circle };
  if (covers(held, '*')) return { circle: '*' };
  const advice = 'fan out to each circle by itself.';
  return refuse('circle_forbidden', `Your token does not cover all circles at once; ${advice}`);
}

export const askCommands = {
  'ask.open': proposeOpen,
  'ask.close': proposeClose,
  'ask.fan_out': proposeFanOut,
} satisfies Commands;
