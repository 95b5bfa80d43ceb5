// The peer a client speaks for: what it asks, tells and answers, as the SDK hands it out.
import type { Client, Identity, Inbox, Joined, Peer } from './api.js';
import { asked, askedMany } from './asked.js';
import { claimJob } from './claimed.js';
import { ClientError } from './errors.js';
import { closeAsk, InboxReader } from './inbox.js';
import type { Link } from './link.js';
import { startWorker } from './worker.js';

/** Makes the peer of a client that has joined. */
export function makePeer(client: Client, link: Link, identity: Identity, joined: Joined): Peer {
  let reader: Inbox | undefined;
  const say: Link['command'] = (method, params) => link.command(method, params);
  return {
    client,
    identity,
    joined,
    name: joined.name,
    async ask(to, text, options) {
      const { ask, delivery, seen_when } = await say('ask.open', { ...options, to, text });
      return { delivery, ...(seen_when && { seen_when }), ...asked(link, ask) };
    },
    asked: ask => asked(link, ask),
    askMany: async (to, text, options) =>
      askedMany(link, await say('ask.fan_out', { ...options, to: [...to], text })),
    notify: (to, text, options) => say('notify.send', { ...options, to, text }),
    broadcast: (text, options) => say('broadcast.send', { ...options, text }),
    retract: message => say('message.retract', { message }),
    answer: (ask, outcome, text, option) => closeAsk(link, ask, outcome, text, option),
    createJob: (title, options) => say('job.create', { ...options, title }),
    claim: (which = {}) => claimJob(link, which),
    work: (kind, handler, options) => startWorker(() => claimJob(link, { kind }), handler, options),
    schedule: (to, text, when) =>
      'cron' in when
        ? say('schedule.cron', { ...when, to, text })
        : say('schedule.create', { ...when, to, text }),
    touch: (pr_url, options) => say('review.touch', { ...options, pr_url }),
    requestReview: (pr_url, of, options) => say('review.request', { ...options, pr_url, of }),
    markReview: (pr_url, sha) => say('review.mark', { pr_url, sha }),
    forgetReview: pr_url => say('review.forget', { pr_url }),
    inbox() {
      if (reader) throw new ClientError('misuse', 'the inbox is open already; leave it first');
      reader = new InboxReader(link, () => {
        reader = undefined;
      });
      return reader;
    },
    async leave() {
      await link.command('peer.leave', {});
      await client.close();
    },
  };
}
