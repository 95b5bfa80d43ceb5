// Proposals of the noun watch: names become ids here, and what is left out the peer that speaks.
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { unknownAsk } from '../asks/unknown-ask.js';
import { unknownJob } from '../jobs/rules.js';
import { takesPart } from '../rows/jobs.js';
import type { PeerState } from '../rows/peers.js';
import { covers } from '../rows/rights.js';
import {
  type Commands,
  type Context,
  chainAfter,
  type Data,
  future,
  type Propose,
  recipientOf,
  self,
  visibleAsk,
} from '../shared/command-context.js';

type Params = Parameters<Propose<'watch.create', 'watch.created'>>[1];
type Watched = Pick<
  Data<'watch.created'>,
  'peer' | 'ask' | 'by_me' | 'job' | 'owner' | 'in_circle'
>;

const proposeWatch: Propose<'watch.create', 'watch.created'> = (context, params) => {
  const { id, when, tell, text, once, quiet_s, queue, kind, caused_by } = params;
  const watched = watchedBy(context, params);
  if (isRefusal(watched)) return watched;
  const recipient = peerOr(context, params.to, undefined);
  if (isRefusal(recipient)) return recipient;
  const end = future('until', params.until, context.now);
  if (isRefusal(end)) return end;
  const { for_s, age_s, depth, percent, tokens, cost_usd } = params;
  return {
    circle: recipient.circle,
    watch: named('watch', id),
    to: recipient.peer,
    when,
    ...watched,
    ...{ queue, kind, for_s, age_s, depth, percent, tokens, cost_usd },
    ...{ tell, text, once, quiet_s, until: end.at, caused_by },
    ...chainAfter(context, { caused_by }),
  };
};

const proposeCancel: Propose<'watch.cancel', 'watch.cancelled'> = (context, { watch }) => {
  const { table, author, held } = context;
  const row = table.watches.get(watch);
  const isMine = row !== undefined && (row.by === author.peer || row.to === author.peer);
  if (row === undefined || !(isMine || covers(held, row.circle))) {
    return refuse('watch_unknown', `There is no ${watch} you may see; see watch.list.`);
  }
  return { circle: row.circle, watch };
};

/** What is watched, which the peer that speaks must be able to see. */
function watchedBy(context: Context, params: Params): Watched | Refusal {
  const { peer, circle } = params;
  switch (params.when) {
    case 'peer.offline':
      return withPeer(peerOr(context, peer, circle));
    case 'ask.older_than':
      if (params.ask !== undefined) return openAsk(context, params.ask);
      return peer === undefined ? { by_me: true } : withPeer(peerOr(context, peer, circle));
    case 'job.silent': {
      if (params.job !== undefined) return openJob(context, params.job);
      if (params.kind !== undefined) return inCircle(context, circle);
      const owner = peerOr(context, params.owner, circle);
      return isRefusal(owner) ? owner : { owner: owner.peer };
    }
    case 'queue.deeper_than':
      return params.queue === 'inbox'
        ? withPeer(peerOr(context, peer, circle))
        : inCircle(context, circle);
    case 'budget.above':
      return peer === undefined && circle !== undefined
        ? inCircle(context, circle)
        : withPeer(peerOr(context, peer, circle));
  }
}

function peerOr(
  context: Context,
  name: string | undefined,
  circle: string | undefined,
): PeerState | Refusal {
  return name === undefined ? self(context) : recipientOf(context, name, circle);
}

function withPeer(row: PeerState | Refusal): Watched | Refusal {
  return isRefusal(row) ? row : { peer: row.peer };
}

function inCircle(context: Context, circle = self(context).circle): Watched | Refusal {
  if (covers(context.held, circle)) return { in_circle: circle };
  return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
}

function openAsk(context: Context, ask: string): Watched | Refusal {
  const row = visibleAsk(context, ask);
  if (row === undefined) return unknownAsk(context, ask);
  if (row.state === 'open') return { ask };
  return refuse('ask_closed', `This ask is closed already (${row.outcome}).`);
}

function openJob({ table, author, held }: Context, job: string): Watched | Refusal {
  const row = table.jobs.get(job);
  const isSeen = row !== undefined && (takesPart(row, author.peer) || covers(held, row.circle));
  if (!isSeen) return unknownJob(job);
  if (table.jobs.open.has(job)) return { job };
  return refuse('job_state', `${job} has ended (${row.state}).`, { state: row.state });
}

export const watchCommands = {
  'watch.create': proposeWatch,
  'watch.cancel': proposeCancel,
} satisfies Commands;
