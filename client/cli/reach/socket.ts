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

/** Connects as this shell's peer, who is then here. A Failure where it has none. */
export async function connectAs(reach: Reach, onNotice: (notice: Notice) => void): Promise<Client> {
  const { connect } = await import('../../index.js');
  const person = await reach.person();
  if (person === undefined && !reach.isAgent) throw await reach.absence();
  const credential = person ? `${person.peer}.${person.secret}` : await reach.credential();
  return connect({ url: reach.site.brokers.urls, credential, onNotice });
}
