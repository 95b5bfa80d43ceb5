// All views as one set of rules: what stands against an event, and what it changes, noun by noun.
import { limits } from '../../schemas/limits.js';
import { refuse } from '../../schemas/refusal.js';
import { idTime } from '../../schemas/uuid.js';
import type { Change } from './change.js';
import { nouns } from './nouns.js';
import type { Receipt } from './rows/receipt.js';
import type { Table } from './rows/table.js';
import type { Fact, Objection, View } from './shared/view.js';
import { authorityObjection } from './tokens/authority.js';

type Check = (table: Table, fact: Fact) => Objection;
type Apply = (table: Table, fact: Fact, changes: Change[]) => void;
type Tell = (table: Table, fact: Fact, changes: Change[]) => Receipt | undefined;

const views = nouns.flatMap(noun => noun.views);

// Each rule is typed by its own event; the lists below are keyed by that event's type.
const checks = gather(view => view.check as Record<string, Check>);
const applies = gather(view => view.apply as Record<string, Apply>);
const receipts = gather(view => (view.receipts ?? {}) as Record<string, Tell>);

function gather<Rule>(rulesOf: (view: View) => Record<string, Rule>): Map<string, Rule[]> {
  const all = new Map<string, Rule[]>();
  for (const view of views) {
    for (const [type, rule] of Object.entries(rulesOf(view))) {
      all.set(type, [...(all.get(type) ?? []), rule]);
    }
  }
  return all;
}

/** What stands against the event, judged alike at the door and in the fold. */
export function objectionTo(table: Table, fact: Fact): Objection {
  const authority = authorityObjection(table, fact);
  if (authority !== undefined) return authority;
  for (const check of checks.get(fact.event.type) ?? []) {
    const objection = check(table, fact);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

/**
 * What stands against a command's id, whatever it says; the fold remembers nothing of these. A
 * client may go by log time, by the broker's clock or by the store's: `latest` is the latest of
 * them, and `time` what the refusal tells it to go by.
 */
export function idObjection(
  table: Table,
  id: string,
  by: string,
  latest: number,
  time = latest,
): Objection {
  if (table.commands.find(id) !== undefined) return 'duplicate';
  if (idTime(id) > latest + limits.clock_ahead_ms) {
    const message = 'The id is over a minute ahead of the broker’s clock; set yours.';
    return refuse('invalid', message, { time });
  }
  if (table.commands.isForgotten(id, by)) {
    const message = 'The id is older than the mesh remembers; send the command under a new one.';
    return refuse('command_stale', message, { time });
  }
  return undefined;
}

/** Changes the table by the event; what the author of a command is to be told of that. */
export function applyEvent(table: Table, fact: Fact, changes: Change[]): Receipt | undefined {
  const { type } = fact.event;
  for (const apply of applies.get(type) ?? []) apply(table, fact, changes);
  return receipts.get(type)?.[0]?.(table, fact, changes);
}

/**
 * The one word that the log keeps of an objection: the name of a refusal, or a reason such as
 * `stale`.
 */
export function voidReason(objection: NonNullable<Objection>): string {
  return typeof objection === 'string' ? objection : objection.refusal;
}
