// Tools for schedules: words to others or to oneself, later, once or again and again.
import { methodTool, type Tool } from '../tool.js';
import { at, quote } from '../words.js';

const made = ({ schedule, next_at }: { schedule: string; next_at?: number | undefined }) => ({
  schedule,
  next_at: at(next_at),
  next: `it comes by inbox; schedule_cancel schedule=${schedule} ends it`,
});

const create = methodTool({
  name: 'schedule_create',
  method: 'schedule.create',
  fields: 'to_peer=to text fire_at kind circle catch_up',
  help: 'Send a message, or an ask, to a peer once, later.',
  effect: 'says',
  tell: made,
});

const cron = methodTool({
  name: 'schedule_cron',
  method: 'schedule.cron',
  fields: 'to_peer=to text cron zone kind until circle catch_up overlap',
  help: 'Send a message, or an ask, to a peer again and again.',
  effect: 'says',
  tell: made,
});

const self = methodTool({
  name: 'schedule_self',
  method: 'schedule.self',
  fields: 'text fire_at cron zone until catch_up',
  help: 'Remind yourself later, once (fire_at) or by a rule (cron).',
  effect: 'says',
  tell: made,
});

const list = methodTool({
  name: 'schedule_list',
  method: 'schedule.list',
  fields: 'mine state max after',
  help: 'Schedules made by you or for you.',
  effect: 'reads',
  tell: ({ rows, next }) => ({
    schedules: rows.map(row => ({
      schedule: row.schedule,
      state: row.state,
      kind: row.kind,
      by: row.by_name ?? row.by,
      to: row.to_name ?? row.to,
      text: quote(row.text),
      rule: row.cron && `${row.cron} ${row.zone}`,
      next_at: at(row.next_at),
      fired: row.fired,
      skipped: row.skipped === 0 ? undefined : row.skipped,
    })),
    ...(rows.length === 0 && { none: 'no such schedule' }),
    more: next && `there are more: schedule_list after=${next}`,
    next: 'end one: schedule_cancel schedule=<schedule>',
  }),
});

const cancel = methodTool({
  name: 'schedule_cancel',
  method: 'schedule.cancel',
  fields: 'schedule',
  help: 'End a schedule for good.',
  effect: 'ends',
  tell: (_, { args }) => ({ schedule: `${args.schedule}`, next: 'it never fires again' }),
});

/** Behind `more`. */
export const scheduleTools: readonly Tool[] = [create, cron, self, list, cancel];
