// Brokers without a gateway, over one log in memory and a clock turned by hand.
import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import type { Answer, Author, Command, FoldedCommit } from '../../broker/core/words.js';
import { passingSigner, type Signer } from '../../broker/disk/signing-key.js';
import type { SecretStore } from '../../broker/disk/webhook-secrets.js';
import {
  type Fate,
  type MemoryLog,
  type MemoryStore,
  openMemory,
} from '../../broker/log/memory.js';
import type { Broker } from '../../broker/runtime/broker.js';
import type { Door } from '../../broker/runtime/door.js';
import type { GithubIntake } from '../../broker/runtime/github-intake.js';
import type { Part } from '../../broker/runtime/part.js';
import { buildBroker } from '../../broker/runtime/parts.js';
import type { WebhookSender } from '../../broker/runtime/webhooks/sender.js';
import type { Timeline } from '../../broker/timeline/timeline.js';
import { type CommandName, methods } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { makeUuid, OPERATOR } from '../../schemas/uuid.js';

export class HandClock {
  time = Date.UTC(2026, 0, 5, 9);
  /** By how much the wall clock is wrong; the monotonic one never is. */
  wrong = 0;
  now = () => this.time + this.wrong;
  elapsed = () => this.time;

  turn(seconds: number): void {
    this.time += Math.round(seconds * 1_000);
  }
}

export interface Quarters {
  /** What follows the log beside it. */
  timeline?: Timeline;
  /** Where its webhook secrets are; it makes the same by itself as who shares its name. */
  webhookSecrets?: SecretStore;
  signer?: Signer;
  store: MemoryStore;
  clock: HandClock;
  /** The broker's own clock, when it differs from the store's. */
  own?: HandClock;
}

export const operator: Author = { token: OPERATOR };

export class House {
  readonly broker: Broker;
  readonly door: Door;
  readonly intake: GithubIntake;
  readonly webhooks: WebhookSender;
  readonly parts: Part[];
  readonly warnings: string[] = [];
  readonly fold: Fold;
  readonly log: MemoryLog;
  readonly store: MemoryStore;
  readonly commits: FoldedCommit[] = [];
  /** What becomes of the appends of this house. */
  fate: Fate = 'stored';
  appends = 0;
  private readonly wakers = new Set<() => void>();

  constructor(quarters: Quarters, name: string) {
    const { store, clock, own = clock, timeline, signer = passingSigner() } = quarters;
    const { webhookSecrets } = quarters;
    this.store = store;
    this.log = openMemory({ store, clock, fate: () => this.appended() });
    this.fold = new Fold();
    const { broker, door, intake, webhooks, parts } = buildBroker({
      log: this.log,
      fold: this.fold,
      clock: own,
      mesh: 'default',
      gateway: `gateway_${name}`,
      version: '0.0.0-test',
      durability: () => 'memory',
      newId: time => makeUuid(time, randomBytes(10)),
      secretFor: id => hashSecret(`${name}/${id}`),
      signer,
      webhookSecrets,
      timeline,
      acceptLoss: false,
      onHalt: reason => {
        throw new Error(reason);
      },
      onFailing() {},
      isDiskFull: () => false,
      onWarning: line => this.warnings.push(line),
    });
    this.broker = broker;
    this.door = door;
    this.intake = intake;
    this.webhooks = webhooks;
    this.parts = parts;
    this.door.listen(commit => {
      this.commits.push(commit);
      this.wake();
    });
  }

  private appended(): Fate {
    this.appends++;
    this.wake();
    return this.fate;
  }

  private wake(): void {
    for (const wake of [...this.wakers]) wake();
  }

  /** Made by a client that follows the broker's time. */
  newId(): string {
    return makeUuid(this.door.now(), randomBytes(10));
  }

  /** Gives the command to the broker; its answer, when it comes. */
  give(method: CommandName, params: object, author: Author = operator): Promise<Answer> {
    const parsed = methods[method].params.parse({ id: this.newId(), ...params });
    const command = { method, params: parsed, author, connected: true } as Command;
    return new Promise(resolve => this.door.command(command, () => {}, resolve));
  }

  /** Joins and connects a peer here. */
  async join(name: string, more: object = {}): Promise<Author & { peer: string }> {
    const answer = await this.give('peer.join', { name, ...more });
    if (isRefusal(answer)) throw new Error(answer.message);
    const peer = String(answer.result.peer);
    this.door.attach(peer);
    return { token: OPERATOR, peer };
  }

  /** Resolves once the condition holds, looked at after each commit folded and append tried. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>(resolve => {
        const wake = () => {
          this.wakers.delete(wake);
          resolve();
        };
        this.wakers.add(wake);
      });
    }
  }

  /** Every record folded here of a type, with what became of it. */
  records(type: string): { void?: string; event?: unknown }[] {
    return this.commits.flatMap(({ records }) => records.filter(record => record.type === type));
  }

  get boots(): string[] {
    return [...this.fold.table.gateways.rows.keys()];
  }

  isPresent(peer: string): boolean {
    return (this.fold.table.peers.rows.get(peer)?.boots.length ?? 0) > 0;
  }
}

/** Starts a broker that is closed when the test ends. */
export async function openHouse(t: Test, quarters: Quarters, name: string): Promise<House> {
  const house = new House(quarters, name);
  t.teardown(async () => {
    await house.broker.close();
    await house.log.close();
  });
  await house.broker.start();
  return house;
}
