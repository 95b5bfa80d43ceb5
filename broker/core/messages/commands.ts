// Proposals of the nouns message, inbox and token.
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { covers } from '../rows/rights.js';
import {
  type Context,
  chainAfter,
  future,
  type Propose,
  recipientOf,
  self,
} from '../shared/command-context.js';

export const proposeNotify: Propose<'notify.send', 'message.notified'> = (context, params) => {
  const { id, to, circle, text, supersedes, backlog, attachments, caused_by } = params;
  const recipient = recipientOf(context, to, circle);
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

export const proposeBroadcast: Propose<'broadcast.send', 'message.broadcast'> = (
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

export const proposeRetract: Propose<'message.retract', 'message.retracted'> = (
  context,
  { message },
) => {
  const row = context.table.messages.get(message);
  if (row === undefined || !covers(context.held, row.circle)) {
    return refuse('message_unknown', `${message} waits in no inbox you may see.`);
  }
  return { circle: row.circle, message };
};

export const proposeTake: Propose<'inbox.subscribe', 'inbox.taken'> = context => ({
  circle: self(context).circle,
});

export const proposeAck: Propose<'inbox.ack', 'inbox.acknowledged'> = (context, params) => {
  const { id: _, ...seen } = params;
  return { circle: self(context).circle, ...seen };
};

export const proposeToken: Propose<'token.create', 'token.created'> = (context, params) => {
  const { id, name, circles, roles, verbs, secret } = params;
  const expires = future('expires_at', params.expires_at, context.now);
  if (isRefusal(expires)) return expires;
  const circle = circleOfToken(context, circles);
  if (isRefusal(circle)) return circle;
  return {
    ...circle,
    name,
    circles,
    roles,
    verbs,
    secret_hash: context.hashSecret(secret ?? context.secretFor(id)),
    // It ends with the token it is made with, whether or not that is said.
    expires_at: expires.at ?? context.held.expires_at,
  };
};

export const proposeRevoke: Propose<'token.revoke', 'token.revoked'> = (context, { token }) => {
  const { table, held } = context;
  const circles = table.tokens.rows.get(token)?.circles ?? [];
  // A token of other circles is refused as one that never was, and its circle is not named.
  const isSeen = !covers(held, '*') && circles.every(circle => covers(held, circle));
  const [circle = '*'] = isSeen ? circles : [];
  return { circle, revoked: token };
};

/** A token belongs to the mesh; one made by a token bound to circles, to the circle it opens. */
function circleOfToken({ held }: Context, circles: readonly string[]) {
  const [circle = '*', ...others] = circles;
  if (covers(held, '*')) return { circle: '*' };
  if (others.length === 0) return { circle };
  const advice = 'make one token for each circle';
  return refuse('circle_forbidden', `Your token does not cover the mesh; ${advice}.`);
}

function isHidden({ table, held }: Context, message: string | undefined): boolean {
  const row = message === undefined ? undefined : table.messages.get(message);
  return row !== undefined && !covers(held, row.circle);
}
