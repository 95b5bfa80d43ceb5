// A connection that stays, for the few verbs that follow the log.
import type { Client, Notice } from '../../index.js';
import type { Reach } from './reach.js';

/** Connects with the credential for what needs no peer. The caller closes it. */
export async function connectTo(
  reach: Reach,
  onNotice: (notice: Notice) => void = () => {},
): Promise<Client> {
  // Loaded late: it takes longer to load than most verbs take to run, and they do without.
  const { connect } = await import('../../index.js');
  return connect({ url: reach.site.brokers.urls, credential: await reach.credential(), onNotice });
}
