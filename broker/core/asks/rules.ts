// The rules of the asks: opened by one peer, closed once, by the close that is first in the log.
import type { Outcome, Question } from '../../../schemas/ask.js';
import type { Attachment } from '../../../schemas/attachment.js';
import { type EventOf, hasKnownWords } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import type { Change } from '../change.js';
import { handedObjection } from '../handovers/handed.js';
import type { Table } from '../rows/table.js';
import { weightOf } from '../rows/weight.js';
import { attachmentsFrom } from '../shared/attachments.js';
import { recipientObjection } from '../shared/recipient.js';
import { closeThread, openThread } from '../shared/threads.js';
import type { Fact, Objection, View } from '../shared/view.js';
import { budgetObjection } from '../usage/rules.js';
import { fanOut, groupObjection, recipientsObjection } from './fan-out.js';
import { handAsks } from './handover.js';
import { answerObjection, lapsedOutcome, questionBack, questionFrom } from './questions.js';

export const asksView = {
  check: {
    'ask.opened': (table, fact) => {
      const { event, time } = fact;
      const { ask, by, to, text, reply_to, hops } = event;
      if (table.asks.get(ask) !== undefined) {
        return refuse('invalid', `There is an ${ask} already; make a new uuid v7.`);
      }
      if (by === to) return refuse('invalid', 'A peer cannot ask itself; send itself a notify.');
      const parts = partsOf(event);
      return (
        shapeObjection(event, parts) ??
        (reply_to === undefined ? undefined : backObjection(table, reply_to, fact)) ??
        recipientObjection(table, to, text, hops, weightOf(parts)) ??
        budgetObjection(table, by, time) ??
        crowdObjection(table, by, 1)
      );
    },
    'ask.fanned_out': (table, { event, time }) => {
      const { by, to, text, hops } = event;
      const parts = partsOf(event);
      return (
        groupObjection(table, event) ??
        shapeObjection(event, parts) ??
        recipientsObjection(table, { by, to, text, hops, weight: weightOf(parts) }) ??
        budgetObjection(table, by, time) ??
        crowdObjection(table, by, to.length)
      );
    },
    'ask.closed': (table, { event, time }) => {
      const { ask, by } = event;
      return hasKnownWords(event) ? closeObjection(table, ask, by, event, time) : 'malformed';
    },
    'ask.expired': (table, { event, time }) => {
      const deadline = table.asks.open.get(event.ask)?.deadline_at;
      if (deadline === undefined) return 'stale';
      return time < deadline ? 'early' : undefined;
    },
  },
  apply: {
    'ask.opened': (table, fact, changes) => {
      const { event } = fact;
      const { ask, by, to, circle, text, reply_to, deadline_at, hops } = event;
      if (reply_to !== undefined) {
        const outcome = questionBack(table.asks.open.get(reply_to)?.question);
        closeThread(table, reply_to, outcome, { text, by }, fact, changes);
      }
      const { question, attachments } = partsOf(event);
      openThread(
        table,
        { ask, from: by, to, circle, text, question, attachments, deadline_at, reply_to, hops },
        fact,
        changes,
      );
    },
    'ask.fanned_out': (table, fact, changes) => {
      const { group, by, text, deadline_at, hops } = fact.event;
      const { question, attachments } = partsOf(fact.event);
      const alike = { from: by, text, question, attachments, deadline_at, hops, group };
      fanOut(table, fact, (ask, to, circle) =>
        openThread(table, { ...alike, ask, to, circle }, fact, changes),
      );
    },
    'ask.closed': (table, fact, changes) => {
      const { ask, outcome, text, option, by } = fact.event;
      const isTakenBack = outcome === 'cancelled';
      const reply = isTakenBack ? undefined : replyOf(by, text, option);
      closeThread(table, ask, outcome, reply, fact, changes);
    },
    'ask.expired': (table, fact, changes) => {
      const { ask } = fact.event;
      const outcome = lapsedOutcome(table.asks.open.get(ask)?.question);
      closeThread(table, ask, outcome, undefined, fact, changes);
    },
    'orchestrator.handed_over': handAsks,
    'peer.left': (table, fact, changes) => retireAsks(table, fact.event.by, fact, changes),
    'peer.killed': (table, fact, changes) => retireAsks(table, fact.event.peer, fact, changes),
    'peer.retired': (table, fact, changes) => retireAsks(table, fact.event.peer, fact, changes),
  },
} satisfies View;

type Opening = EventOf<'ask.opened'> | EventOf<'ask.fanned_out'>;

interface Parts {
  question?: Question | undefined;
  attachments?: Attachment[] | undefined;
}

const NOTHING: Parts = {};

/** What the event carries beside its text, read from what may be anything. */
function partsOf({ question, attachments }: Opening): Parts {
  if (question === undefined && attachments === undefined) return NOTHING;
  return {
    question: question && questionFrom(question),
    attachments: attachments && attachmentsFrom(attachments),
  };
}

/** No broker writes these: the door reads every parameter before. */
function shapeObjection(event: Opening, { question, attachments }: Parts): Objection {
  const isWhole =
    (event.question === undefined || question !== undefined) &&
    (event.attachments === undefined || attachments !== undefined) &&
    (event.deadline_at === undefined || Number.isSafeInteger(event.deadline_at));
  return isWhole ? undefined : 'malformed';
}

interface Closing {
  outcome: Outcome;
  text?: string | undefined;
  option?: string | undefined;
}

function closeObjection(
  table: Table,
  ask: string,
  by: string,
  closing: Closing,
  time: number,
): Objection {
  const row = table.asks.get(ask);
  if (row === undefined) return refuse('ask_unknown', `There is no ${ask} you may see.`);
  const { outcome } = closing;
  const closer = outcome === 'cancelled' ? row.from : row.to;
  if (by !== closer) {
    const who = outcome === 'cancelled' ? 'who asked may cancel' : 'who was asked may close';
    return (
      handedObjection(table, by, row, [closer], 'This ask') ??
      refuse('not_yours', `Only the peer ${who} this ask.`)
    );
  }
  if (row.state === 'closed') {
    return refuse('ask_closed', `This ask is closed already (${row.outcome}).`, {
      outcome: row.outcome,
    });
  }
  // Whoever is late is late, whether or not a broker has said so in the log by now.
  if (row.deadline_at !== undefined && time >= row.deadline_at) {
    const ended = lapsedOutcome(row.question);
    return refuse('ask_closed', `The deadline of this ask has passed (${ended}).`, {
      outcome: ended,
    });
  }
  return answerObjection(row.question, closing);
}

/** A question back closes the thread it answers. */
function backObjection(table: Table, ask: string, { event, time }: Fact<'ask.opened'>): Objection {
  const outcome = questionBack(table.asks.get(ask)?.question);
  return closeObjection(table, ask, event.by, { outcome, text: event.text }, time);
}

/** Each open ask may bring a reply, so an asker who never reads is stopped too. */
function crowdObjection(table: Table, by: string, count: number): Objection {
  if (table.inbox.isFull(by, 0)) {
    return refuse('inbox_full', 'Your own inbox is full; read and acknowledge it first.', {
      retry_after_s: 1,
    });
  }
  return table.asks.openCount(by) + count <= limits.asks_open_rows
    ? undefined
    : refuse('inbox_full', 'You have too many open asks; close or cancel some first.', {
        retry_after_s: 60,
      });
}

function replyOf(by: string, text: string | undefined, option: string | undefined) {
  const reply: { by: string; text?: string; option?: string } = { by };
  if (text !== undefined) reply.text = text;
  if (option !== undefined) reply.option = option;
  return reply;
}

/** Closes what a leaving peer was asked and what it asked: nobody waits for it in vain. */
function retireAsks(table: Table, peer: string, fact: Fact, changes: Change[]): void {
  for (const ask of [...table.asks.openOf(peer)]) {
    closeThread(table, ask, 'retired', undefined, fact, changes);
  }
}
