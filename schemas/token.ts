// The noun token: a credential, and what its holder may see, say and operate.
import { z } from 'zod';
import * as c from './common.js';
import { tokenId } from './id.js';
import { limits } from './limits.js';

export const tokenRow = z.object({
  token: z.string(),
  name: z.string(),
  circles: z.array(z.string()),
  roles: z.array(c.role),
  verbs: z.array(c.verb),
  made_by: z.string().optional().describe('The token or peer that made it; it ends with that.'),
  made_by_name: c.peerName,
  created_at: c.time,
  expires_at: c.time.optional(),
  revoked_at: c.time.optional(),
});
export type TokenRow = z.infer<typeof tokenRow>;

export const tokenMethods = {
  'token.create': c.method({
    params: z.strictObject({
      ...c.command,
      name: c.name.describe('What it is called, for people.'),
      circles: z
        .array(c.circleOrAll)
        .min(1)
        .max(limits.circles_items)
        .describe('Where it may see and act; `*` for all.'),
      roles: z.array(c.role).max(4).describe('As what its holder may join; none: not at all.'),
      verbs: z.array(c.verb).min(1).max(3).describe('What its holder may do.'),
      secret: c.secret
        .optional()
        .describe('The credential. Left out: the broker makes one and tells it once.'),
      expires_at: c
        .moment('When it ends; must be ahead. Left out: with the token it is made with.')
        .optional(),
    }),
    result: z.object({ ...c.verdict, token: z.string(), secret: z.string().optional() }),
    who: 'token',
    verb: 'operate',
    help: 'Make a token; its secret is the Bearer credential, told once unless you chose it.',
  }),
  'token.list': c.method({
    params: z.strictObject({ ...c.pageAfter(tokenId) }),
    result: c.rows(tokenRow),
    who: 'token',
    verb: 'operate',
    help: 'Every token, who made it, also the revoked and expired ones.',
  }),
  'token.revoke': c.method({
    params: z.strictObject({
      ...c.command,
      token: tokenId.describe('The token to end, token_<id>.'),
    }),
    result: c.applied,
    who: 'token',
    verb: 'operate',
    help: 'End a token and what was made with it; their sockets close with 4001.',
  }),
};
