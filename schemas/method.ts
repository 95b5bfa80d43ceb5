// Every method of the protocol in one table; SDK, CLI, RPC and the OpenRPC document come from it.
import type { z } from 'zod';
import { askMethods } from './ask.js';
import { auditMethods } from './audit.js';
import { boardMethods } from './board.js';
import type { MethodRow } from './common.js';
import type { ProposingMethod } from './event.js';
import { jobMethods } from './job.js';
import { leaseMethods } from './lease.js';
import { logMethods } from './log.js';
import { searchMethods } from './log-search.js';
import { meshMethods } from './mesh.js';
import { inboxMethods, messageMethods } from './message.js';
import { orchestratorMethods } from './orchestrator.js';
import { peerMethods } from './peer.js';
import { reviewMethods } from './review.js';
import { scheduleMethods } from './schedule.js';
import { tokenMethods } from './token.js';
import { usageMethods } from './usage.js';
import { pastMethods, viewMethods } from './view.js';
import { watchMethods } from './watch.js';
import { webhookMethods } from './webhook.js';

export const methods = {
  ...peerMethods,
  ...orchestratorMethods,
  ...askMethods,
  ...messageMethods,
  ...inboxMethods,
  ...jobMethods,
  ...scheduleMethods,
  ...watchMethods,
  ...reviewMethods,
  ...leaseMethods,
  ...usageMethods,
  ...pastMethods,
  ...tokenMethods,
  ...webhookMethods,
  ...boardMethods,
  ...logMethods,
  ...searchMethods,
  ...viewMethods,
  ...auditMethods,
  ...meshMethods,
};

export type MethodName = keyof typeof methods;
/** What a caller gives (defaults may be left out). */
export type Params<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
/** What the broker works with, defaults filled in. */
export type Parsed<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends MethodName> = z.output<(typeof methods)[M]['result']>;

/** The methods that propose an event. */
export type CommandName = ProposingMethod;

/** True for a method of the table, and for nothing that every object has, such as `constructor`. */
export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

/** The row of a method with its types widened, for code that treats all methods alike. */
export function methodRow(name: MethodName): MethodRow {
  return methods[name];
}
