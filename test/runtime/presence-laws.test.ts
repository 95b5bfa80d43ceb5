// Invariant 21 over random histories: who is offline, once, for a cause, by a gateway that lives.
import fc from 'fast-check';
import t from 'tap';
import { decodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { Fold } from '../../broker/core/fold.js';
import type { PeerState } from '../../broker/core/rows/peers.js';
import { isBrokerType } from '../../broker/core/tokens/authority.js';
import type { Delivery, FoldedCommit } from '../../broker/core/words.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { finds, history, runs } from '../dsl/histories.js';

type Make = () => Fold;

/** What the laws know of a fold before a commit, beside the gateways they have seen announced. */
interface Before {
  present: Set<string>;
  lastSeen: Map<string, number>;
}

/** The gateways that live, by their boots, as applied events alone tell it. */
type Living = Map<string, string>;

function before({ table }: Fold): Before {
  const present = [...table.peers.rows.values()].filter(({ boots }) => boots.length > 0);
  const gateways = [...table.gateways.rows.values()];
  return {
    present: new Set(present.map(({ peer }) => peer)),
    lastSeen: new Map(gateways.map(({ boot, last_seen }) => [boot, last_seen])),
  };
}

/** Connected through living gateways only, or offline since a time and for a reason. */
function isSound({ boots, offline, retired }: PeerState, living: Living): boolean {
  const isHere = boots.length > 0;
  const isOffline = offline !== undefined;
  return boots.every(boot => living.has(boot)) && isHere !== isOffline && !(isHere && retired);
}

/** Whether the event may end somebody's presence, and whose: everyone's when it says nobody's. */
function endsPresenceOf(event: SignalEvent, peer: string): boolean {
  switch (event.type) {
    case 'gateway.lost':
    case 'gateway.started':
      return true;
    case 'peer.disconnected':
    case 'peer.killed':
      return event.peer === peer;
    case 'peer.left':
      return event.by === peer;
    default:
      return false;
  }
}

/** A gateway is lost after its lease, and within it is not; what it took offline is told once. */
function isRightLoss(commit: FoldedCommit, i: number, writer: string, was: Before): boolean {
  const { event, void: reason, changes } = commit.records[i]!;
  if (event?.type !== 'gateway.lost' || event.boot === writer) return true;
  const heardAt = was.lastSeen.get(event.boot);
  const isJudged = heardAt !== undefined && (reason === undefined || reason === 'early');
  if (isJudged && (reason === undefined) !== commit.time - heardAt >= limits.boot_lost_ms) {
    return false;
  }
  const told = changes.filter(({ view }) => view === 'peers').map(({ key }) => key);
  return new Set(told).size === told.length;
}

function presence(make: Make): void {
  const law = fc.property(history, log => {
    const fold = make();
    const living: Living = new Map();
    for (const delivery of log) {
      const was = before(fold);
      const writer = decodeCommit(delivery.bytes)?.boot ?? '';
      const commit = fold.commit(delivery);
      for (const [i, { event, void: reason }] of commit.records.entries()) {
        if (event === undefined) continue;
        if (!isRightLoss(commit, i, writer, was)) return false;
        if (reason === 'boot_lost' && !isBrokerType(event.type)) return false;
        if (reason !== undefined) continue;
        const speaks = event.type === 'peer.connected' || event.type === 'peer.disconnected';
        if (speaks && !living.has(event.boot)) return false;
        note(living, event);
      }
      const { rows } = fold.table.peers;
      for (const row of rows.values()) if (!isSound(row, living)) return false;
      const applied = commit.records.filter(record => record.void === undefined);
      for (const peer of was.present) {
        const isCause = ({ event }: { event?: SignalEvent | undefined }) =>
          event !== undefined && endsPresenceOf(event, peer);
        if (rows.get(peer)?.boots.length === 0 && !applied.some(isCause)) return false;
      }
    }
    return true;
  });
  fc.assert(law, runs(500));
}

function note(living: Living, event: SignalEvent): void {
  if (event.type === 'gateway.lost') living.delete(event.boot);
  if (event.type !== 'gateway.started') return;
  for (const [boot, gateway] of living) if (gateway === event.gateway) living.delete(boot);
  living.set(event.boot, event.gateway);
}

t.test('21: peers go offline once, for a cause, with their gateway, and not before', async t => {
  presence(() => new Fold());
  class Haunted extends Fold {
    override commit(delivery: Delivery) {
      const rows = [...this.table.peers.rows.values()];
      const boots = new Map(rows.map(row => [row.peer, row.boots]));
      const commit = super.commit(delivery);
      const isEnd = commit.records.some(({ type }) => type === 'gateway.lost');
      for (const row of this.table.peers.rows.values()) {
        const old = boots.get(row.peer);
        if (isEnd && old && row.retired === undefined) this.table.peers.put({ ...row, boots: old });
      }
      return commit;
    }
  }
  finds(t, () => presence(() => new Haunted()), 'a fold that keeps ghosts of a lost gateway');
  class Hasty extends Fold {
    override commit(delivery: Delivery) {
      for (const row of this.table.gateways.rows.values()) row.last_seen -= 20_000;
      return super.commit(delivery);
    }
  }
  finds(t, () => presence(() => new Hasty()), 'a fold that calls a gateway lost too early');
  class Patient extends Fold {
    override commit(delivery: Delivery) {
      for (const row of this.table.gateways.rows.values()) row.last_seen += 20_000;
      return super.commit(delivery);
    }
  }
  finds(t, () => presence(() => new Patient()), 'a fold that waits past the lease');
  class Anxious extends Fold {
    override commit(delivery: Delivery) {
      const { peers, time, gateways } = this.table;
      for (const row of peers.rows.values()) {
        if (time - peers.lastSeen({ ...row, boots: [] }, gateways) > 30_000)
          peers.connect({ ...row }, [], 'gateway_lost', time);
      }
      return super.commit(delivery);
    }
  }
  finds(t, () => presence(() => new Anxious()), 'a fold that calls the quiet dead');
  class Garrulous extends Fold {
    override commit(delivery: Delivery) {
      const commit = super.commit(delivery);
      for (const { type, changes } of commit.records) {
        if (type === 'gateway.lost') changes.push(...changes);
      }
      return commit;
    }
  }
  finds(t, () => presence(() => new Garrulous()), 'a fold that says twice who is offline');
});

t.test('21: a fenced gateway has no word on presence, its peers’ commands have', async t => {
  class Unfenced extends Fold {
    override commit(delivery: Delivery) {
      const old = new Map(this.table.gateways.rows);
      const commit = super.commit(delivery);
      const { rows } = this.table.gateways;
      for (const [boot, row] of old) if (!rows.has(boot)) rows.set(boot, row);
      return commit;
    }
  }
  finds(t, () => presence(() => new Unfenced()), 'a fold that hears a fenced gateway');
  class Deaf extends Fold {
    override commit(delivery: Delivery) {
      const commit = super.commit(delivery);
      const writer = decodeCommit(delivery.bytes)?.boot ?? '';
      for (const record of commit.records) {
        if (!this.table.gateways.rows.has(writer)) record.void ??= 'boot_lost';
      }
      return commit;
    }
  }
  finds(t, () => presence(() => new Deaf()), 'a fold that voids the commands of its peers');
});
