// Proposals of the noun message.
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { covers } from '../rows/rights.js';
import {
  addresseeOf,
  type Commands,
  type Context,
  chainAfter,
  future,
  type Propose,
  self,
} from '../shared/command-context.js';

const proposeNotify: Propose<'notify.send', 'message.notified'> = (context, params) => {
  const { id, to, circle, text, supersedes, backlog, attachments, caused_by } = params;
  const recipient = addresseeOf(context, to, circle);
  if (isRefusal(recipient)) return recipient;
  const expires = future('expires_at', params.expires_at, context.now);
  if (isRefusal(expires)) return expires;
  return {
    circle: recipient.circle,
    message: named('msg', id),
    to: recipient.peer,
    text,
    backlog,
    attachments,
    // What the caller may not see it cannot replace, nor learn of.
    supersedes: isHidden(context, supersedes) ? undefined : supersedes,
    caused_by,
    ...chainAfter(context, { caused_by }),
    expires_at: expires.at,
  };
};

const proposeBroadcast: Propose<'broadcast.send', 'message.broadcast'> = (
  context,
  { id, text, circle, caused_by },
) => {
  const where = circle ?? self(context).circle;
  if (!covers(context.held, where)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${where}".`);
  }
  const chain = chainAfter(context, { caused_by });
  return { circle: where, message: named('msg', id), text, caused_by, ...chain };
};

const proposeRetract: Propose<'message.retract', 'message.retracted'> = (context, { message }) => {
  const row = context.table.messages.get(message);
  if (row === undefined || !covers(context.held, row.circle)) {
    return refuse('message_unknown', `${message} waits in no inbox you may see.`);
  }
  return { circle: row.circle, message };
};

function isHidden({ table, held }: Context, message: string | undefined): boolean {
  const row = message === undefined ? undefined : table.messages.get(message);
  return row !== undefined && !covers(held, row.circle);
}

export const messageCommands = {
  'notify.send': proposeNotify,
  'broadcast.send': proposeBroadcast,
  'message.retract': proposeRetract,
} satisfies Commands;
