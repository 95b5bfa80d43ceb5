// Proposals of the noun token.
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { covers } from '../rows/rights.js';
import { type Commands, type Context, future, type Propose } from '../shared/command-context.js';

const proposeToken: Propose<'token.create', 'token.created'> = (context, params) => {
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

const proposeRevoke: Propose<'token.revoke', 'token.revoked'> = (context, { token }) => {
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

export const tokenCommands = {
  'token.create': proposeToken,
  'token.revoke': proposeRevoke,
} satisfies Commands;
