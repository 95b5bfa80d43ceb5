// Decides a command: the event that it proposes, or a refusal, or what to look up before that.
import { type EventType, eventOfMethod, type SignalEvent } from '../../schemas/event.js';
import type { CommandName, Parsed } from '../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.js';
import { isCommandId } from '../../schemas/uuid.js';
import type { ColdRead } from './archive.js';
import { recallAsk } from './asks/unknown-ask.js';
import { recallJob } from './jobs/recall.js';
import { nouns } from './nouns.js';
import { idObjection, objectionTo } from './rules.js';
import type { Context, Data } from './shared/command-context.js';
import type { Fact, Objection } from './shared/view.js';
import type { Author } from './words.js';

type AnyPropose = (context: Context, params: never) => Data<EventType> | Refusal;

const proposals: Record<CommandName, AnyPropose> = Object.assign(
  {},
  ...nouns.map(noun => noun.commands),
);

/** Whose id memory a command belongs to: a join is its token's, whatever peer it brings back. */
export function authorOf(method: CommandName, author: Author): string {
  return method === 'peer.join' ? author.token : (author.peer ?? author.token);
}

/**
 * The event a command proposes, or its refusal; nothing is changed. The check is the same that the
 * fold will make, so what another event overtakes is void for the reason it would be refused.
 * https://en.wikipedia.org/wiki/Optimistic_concurrency_control
 */
export function decide<M extends CommandName>(
  context: Context,
  method: M,
  params: Parsed<M> & { id: string },
): SignalEvent | Refusal {
  const { table, author, now, latest = now } = context;
  const { id } = params;
  if (!isCommandId(id)) return refuse('invalid', 'id must be a lower-case uuid v7.');
  const by = authorOf(method, author);
  // Before anything else: an old repeat must be known as one, though its recipient has left since.
  const repeated = idObjection(table, id, by, latest, now);
  if (repeated !== undefined) return asRefusal(repeated);
  const data = proposals[method](context, params as never);
  if (isRefusal(data)) return data;
  const event = sealed(id, eventOfMethod(method), by, author.token, data);
  const fact: Fact = { event, position: 0, time: now };
  const objection = objectionTo(table, fact);
  return objection === undefined ? event : asRefusal(objection);
}

/** The event, key by key: a copy of copies costs more than all the checks together. */
function sealed(id: string, type: EventType, by: string, token: string, data: object): SignalEvent {
  const event: Record<string, unknown> = { v: 1, id, type, by, token };
  for (const key in data) {
    const field = data[key as keyof typeof data];
    if (field !== undefined) event[key] = field;
  }
  return event as unknown as SignalEvent;
}

/** How the log may refuse better than the table: undefined when nothing has left the table. */
export function recalled(
  context: Context,
  command: { method: CommandName; params: object },
  refusal: Refusal,
): ColdRead<Refusal> | undefined {
  if (refusal.refusal === 'job_unknown') return recallJob(context, command, refusal);
  if (refusal.refusal === 'ask_unknown') return recallAsk(context, command.params, refusal);
  return undefined;
}

function asRefusal(objection: NonNullable<Objection>): Refusal {
  if (typeof objection !== 'string') return objection;
  return refuse('invalid', `The command would take no effect (${objection}).`);
}
