// Given these events, when somebody does this, then that: the words the rules are tested in.
import type { Test } from 'tap';
import { answerTo } from '../../broker/core/answer.js';
import { authorOf, decide } from '../../broker/core/decide.js';
import { rights } from '../../broker/core/rows/rights.js';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import type { Author, FoldedRecord } from '../../broker/core/words.js';
import type { SignalEvent } from '../../schemas/event.js';
import { type CommandName, methods, type Params, type Parsed } from '../../schemas/method.js';
import { isRefusal, type Refusal, type RefusalName } from '../../schemas/refusal.js';
import { askNo, BOOT, type Draft, GATEWAY, opened, type Person, started } from './events.js';
import { jobNo } from './events-jobs.js';
import { Mesh } from './test-log.js';

type Step = Draft | { later: number };

/** Log time passes before the next event. */
export const later = (ms: number) => ({ later: ms });

export const secretFor = (id: string) => `made-for-${id}`;

/** A mesh that is open, with one gateway, where these things have happened. */
export function given(t: Test, ...steps: readonly Step[]): Given {
  const mesh = new Mesh();
  mesh.say(opened(), started(GATEWAY, BOOT));
  return new Given(t, mesh).and(...steps);
}

export class Given {
  readonly mesh: Mesh;
  private readonly t: Test;
  private last: FoldedRecord | undefined;

  constructor(t: Test, mesh: Mesh) {
    this.t = t;
    this.mesh = mesh;
  }

  /** More things happen, each a commit of its own; a wait moves the log's time by itself. */
  and(...steps: readonly Step[]): this {
    for (const step of steps) {
      if ('later' in step) {
        this.mesh.now += step.later;
        this.mesh.say();
      } else this.last = this.mesh.one(step);
    }
    return this;
  }

  /** What became of the last event. */
  thenApplied(): this {
    this.t.equal(this.last?.void, undefined, `${this.last?.type} is applied`);
    return this;
  }

  thenVoid(reason: string): this {
    this.t.equal(this.last?.void, reason, `${this.last?.type} is void as ${reason}`);
    return this;
  }

  thenPeer(who: Person, row: object | undefined): this {
    const kept = this.mesh.table.peers.toSnapshot().find(({ peer }) => peer === who.peer);
    return this.match(kept, row, `the peer ${who.name}`);
  }

  thenAsk(n: number, row: object | undefined): this {
    return this.match(this.mesh.table.asks.get(askNo(n)), row, `the ask ${n}`);
  }

  /** A job by its number, or by its id where a broker named it. */
  thenJob(n: number | string, row: object | undefined): this {
    const job = typeof n === 'number' ? jobNo(n) : n;
    return this.match(this.mesh.table.jobs.get(job), row, `the job ${n}`);
  }

  /** The row of a pull request in a circle. */
  thenReview(circle: string, pr_url: string, row: object | undefined): this {
    const found = this.mesh.table.reviews.get(circle, pr_url);
    return this.match(found, row, `the review of ${pr_url} in ${circle}`);
  }

  /** The inbox holds these items, in this order, and no others. */
  thenInbox(who: Person, ...items: object[]): this {
    const held = [...(this.mesh.table.inbox.boxes.get(who.peer)?.items.values() ?? [])];
    for (const [i, item] of items.entries()) {
      fits(this.t, held[i], item, `item ${i} of ${who.name}`);
    }
    this.t.equal(held.length, items.length, `${items.length} items for ${who.name}`);
    const positions = held.map(item => item.position);
    this.t.same(
      positions,
      [...positions].sort((a, b) => a - b),
      'in position order',
    );
    return this;
  }

  /** The rows of any view, as a function reads them off the table. */
  thenRow(read: (table: Mesh['table']) => unknown, row: unknown): this {
    this.t.strictSame(read(this.mesh.table), row, 'the rows');
    return this;
  }

  /** Somebody calls a method: a person as itself, or a bare token by its id. */
  when<M extends CommandName>(
    who: Person | string,
    method: M,
    params: Omit<Params<M>, 'id'> & { id?: string },
  ): Decision {
    const author = typeof who === 'string' ? { token: who } : { token: who.token, peer: who.peer };
    const id = params.id ?? this.mesh.stamp({ type: 'peer.left', by: '' }).id;
    const parsed = methods[method].params.parse({ ...params, id }) as Parsed<M> & { id: string };
    return new Decision(this.t, this, { method, author, params: { ...parsed, id } });
  }

  private match(found: unknown, wanted: object | undefined, words: string): this {
    if (wanted === undefined) this.t.equal(found, undefined, `${words} is not there`);
    else fits(this.t, found, wanted, words);
    return this;
  }
}

/** Every field that is named is exactly so (or, where a RegExp is wanted, reads so). */
function fits(t: Test, found: unknown, wanted: object, words: string): void {
  for (const [key, value] of Object.entries(wanted)) {
    const field = (found as Record<string, unknown> | undefined)?.[key];
    if (value instanceof RegExp) t.match(field, value, `${words}: ${key}`);
    else t.strictSame(field, value, `${words}: ${key}`);
  }
}

interface Asked {
  method: CommandName;
  author: Author;
  params: Parsed<CommandName> & { id: string };
}

export class Decision {
  readonly outcome: SignalEvent | Refusal;
  private readonly t: Test;
  private readonly world: Given;
  private readonly asked: Asked;

  constructor(t: Test, world: Given, asked: Asked) {
    this.t = t;
    this.world = world;
    this.asked = asked;
    const { table } = world.mesh;
    const { method, author, params } = asked;
    const held = rights(table, author.token, table.time);
    const none = { token: author.token, circles: [], roles: [], verbs: [] };
    const context = { table, author, held: held ?? none, now: table.time };
    this.outcome = decide(
      { ...context, boot: BOOT, secretFor, hashSecret, isBeingClaimed: () => false },
      method,
      params,
    );
  }

  thenRefused(refusal: RefusalName, data?: object, message: RegExp = /./): Given {
    const { asked, outcome } = this;
    const what = `${asked.method} is refused: ${refusal} ${message}`;
    fits(this.t, outcome, { refusal, ...(data && { data }), message }, what);
    return this.world;
  }

  /** The event it proposes, which the fold must then find nothing against. */
  thenEvent(event: object): Given {
    const { by, author } = { by: authorOf(this.asked.method, this.asked.author), ...this.asked };
    fits(this.t, this.outcome, { by, token: author.token, ...event }, 'it proposes the event');
    return isRefusal(this.outcome) ? this.world : this.world.and(this.outcome).thenApplied();
  }

  /** What the caller is told once the event is folded; undefined when it is refused. */
  told(): Record<string, unknown> | undefined {
    if (isRefusal(this.outcome)) return undefined;
    const { table, now } = this.world.mesh;
    const { position, void: reason, receipt, event } = this.world.mesh.one(this.outcome);
    const { method, author, params } = this.asked;
    const asked = { method, id: params.id, params, peer: author.peer };
    const context = { table, cursor: () => 'cursor', now: () => now, secretFor };
    return answerTo(context, asked, { position, reason, receipt, event });
  }

  thenAnswer(answer: object): Given {
    const told = this.told();
    if (told === undefined) this.t.fail('it was refused', this.outcome as Refusal);
    else fits(this.t, told, { verdict: 'applied', ...answer }, 'the answer');
    return this.world;
  }
}
