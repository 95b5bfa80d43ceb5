// How ids are written on the wire: a uuid v7, prefixed by the noun it names.
import { z } from 'zod';
import { UUID_V7 } from './uuid.js';

export const commandId = z
  .string()
  .regex(UUID_V7, 'must be a lower-case uuid v7')
  .describe('A uuid v7 made by the caller; repeating it repeats the first answer.');
export const peerId = z.string().regex(/^peer_[0-9a-z-]{8,64}$/, 'must be peer_<uuid>');
export const askId = z.string().regex(/^ask_[0-9a-f-]{36}(\.\d{1,4})?$/, 'must be ask_<uuid>');
export const messageId = z.string().regex(/^msg_[0-9a-f-]{36}$/, 'must be msg_<uuid>');
export const tokenId = z.string().regex(/^token_[0-9a-z-]{8,64}$/, 'must be token_<uuid>');
export const jobId = z.string().regex(/^job_[0-9a-f-]{36}$/, 'must be job_<uuid>');
export const webhookId = z.string().regex(/^webhook_[0-9a-f-]{36}$/, 'must be webhook_<uuid>');
export const letterId = z.string().regex(/^dead_[0-9a-f-]{36}$/, 'must be dead_<uuid>');
export const watchId = z.string().regex(/^watch_[0-9a-f-]{36}$/, 'must be watch_<uuid>');
export const scheduleId = z.string().regex(/^sched_[0-9a-f-]{36}$/, 'must be sched_<uuid>');
export const leaseId = z.string().regex(/^lease_[0-9a-f-]{36}$/, 'must be lease_<uuid>');
/** A fan-out has the id of its command; its asks are numbered after it. */
export const groupId = z.string().regex(/^ask_[0-9a-f-]{36}$/, 'must be ask_<uuid>');
/** What brought something about: what was said, a job, or a schedule. */
export const cause = z
  .string()
  .regex(
    /^(ask|msg|job|sched)_[0-9a-f-]{36}(\.\d{1,4})?$/,
    'must be ask_…, msg_…, job_… or sched_…',
  )
  .describe(
    'What this is said because of; a chain of causes is bounded. Left out: it begins a chain.',
  );
/** Anything a person may trace: an ask or a message. */
export const ref = z
  .string()
  .regex(/^(ask|msg)_[0-9a-f-]{36}(\.\d{1,4})?$/, 'must be ask_… or msg_…');
