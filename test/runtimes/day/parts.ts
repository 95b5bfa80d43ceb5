// The parts of the day: an orchestrator, one that takes over from it, and who does the work.
import type { ToolUse } from '../model/dialect.js';
import type { Program } from '../programs/program.js';
import type { Step } from './actor.js';

/** What their users type. */
export const DRAIN = 'Drain the board.';
export const TAKE_OVER = 'The orchestrator has died. Go on in its place.';
export const WORK = 'Do what comes by mail.';

/** Words that travel from one to the other: each is to be shown once. */
export const QUESTION = 'Which port does the server take?';
export const PORT = 'It takes port 8080.';
export const SUMMARY = 'A restart keeps its logins.';
export const LOOK = 'What is stuck, and on whom?';

const PULL = 'https://github.com/acme/api/pull/41';
const ADVICE = 'is for whoever works on api';

export const BOARD = `# The board of Ada

Words of mine between the items stay where I have put them.

## To do

- [ ] Login survives a restart !high ^login
      seen by three customers
- [ ] Name the port in the manual ^port

## In progress

<!-- at most two -->

## Done

- [x] Move to the new machine
`;

export const BOARD_AFTER = `# The board of Ada

Words of mine between the items stay where I have put them.

## To do


## In progress


<!-- at most two -->

## Done

- [x] Move to the new machine
- [x] Login survives a restart !high ^login
      seen by three customers
- [x] Name the port in the manual ^port
`;

/** Calls as a program's model makes them. */
function speech(program: Program) {
  const more = (tool: string, args: object): ToolUse =>
    program.tool('more', { tool, arguments: args });
  const moves = (item: string, from: string, to: string, ref?: string) =>
    more('board_move', { item, from, to, ...(ref && { ref }) });
  return { more, moves, tool: program.tool };
}

const MOVED = /"outcome":"moved"/;
const job = /job_[0-9a-f-]{36}/;
const ask = /ask_[0-9a-f-]{36}/;

/** Scans and dispatches: a job, an ask, and a look of its own for the morning. */
function dispatches(program: Program, isAsked: (ask: string) => Promise<void>): Step[] {
  const { more, moves, tool } = speech(program);
  const ids = { job: '', ask: '' };
  return [
    { told: new RegExp(DRAIN), does: () => more('orchestrator_status', { circle: '*' }) },
    { result: /"present":true/, does: () => more('board_scan', { which: 'open' }) },
    {
      result: /"id":"login".*"id":"port"/s,
      does: () => {
        const title = 'Login survives a restart of the session store';
        const body = `Deliverable: ${PULL}, its head in the summary. Merge nothing.`;
        return more('job_create', { title, body, kind: 'api', lease_s: 1_800 });
      },
    },
    {
      result: job,
      does: ({ result: [id] }) => {
        ids.job = id;
        return tool('notify', { to: 'api', text: `Job ${id}, kind api, ${ADVICE}.` });
      },
    },
    { result: /"message":"msg_/, does: () => moves('login', 'to do', 'in progress', ids.job) },
    {
      result: MOVED,
      does: () => more('schedule_self', { text: LOOK, cron: '0 9 * * *', zone: 'Europe/Berlin' }),
    },
    { result: /sch_|schedule/, does: () => tool('ask', { to: 'api', text: QUESTION }) },
    {
      result: ask,
      does: async ({ result: [id] }) => {
        await isAsked(id);
        return moves('port', 'to do', 'in progress', id);
      },
    },
  ];
}

/** Once all is handed out: reviews what comes back, and closes it out. */
function closesOut(program: Program): Step[] {
  const { more, moves } = speech(program);
  let head = '';
  return [
    {
      result: MOVED,
      told: new RegExp(`(${job.source}).*${SUMMARY}`, 's'),
      does: ({ told: [, id] }) => more('job_result', { job: id }),
    },
    { result: new RegExp(SUMMARY), does: () => more('review_queue', {}) },
    {
      result: /"pr_url":"(.*?)".*"my_action":"review-needed","head":"(\w+)"/s,
      does: ({ result: [, pr_url, sha = ''] }) => {
        head = sha;
        return more('mark_reviewed', { pr_url, sha });
      },
    },
    { result: /out of your queue/, does: () => more('review_queue', {}) },
    {
      result: /no pull request waits/,
      does: () => more('board_link', { item: 'login', ref: PULL }),
    },
    { result: /"linked"/, does: () => moves('login', 'in progress', 'done') },
    { result: MOVED, told: new RegExp(PORT), does: () => moves('port', 'in progress', 'done') },
    { result: MOVED, does: () => more('board_scan', { which: 'open' }) },
    { result: /nothing is open/, does: () => `Both are done, at ${head}.` },
  ];
}

/** A day from the board to its close-out. */
export function orchestrator(
  program: Program,
  isAsked: (ask: string) => Promise<void> = async () => {},
): Step[] {
  return [...dispatches(program, isAsked), ...closesOut(program)];
}

/** Takes over, does the one thing that the former one had begun, and closes out. */
export function successor(program: Program, hasTaken: () => void): Step[] {
  const { more, moves } = speech(program);
  const takes = () => program.shell('signalbox orchestrator handover --from boss --note "it died"');
  return [
    { told: new RegExp(TAKE_OVER), does: takes },
    {
      result: /things are with you now/,
      unless: {
        result: /(?:has just spoken|is connected); .*wait/,
        does: () => program.shell('sleep 5; signalbox orchestrator handover --from boss'),
      },
      does: () => {
        hasTaken();
        return more('board_scan', { which: 'open' });
      },
    },
    {
      // The brief names the ask, and the board knows nothing of it: moved, not asked again.
      result: /"id":"port"/,
      told: new RegExp(`(${ask.source}).*?${QUESTION.replace('?', '\\?')}`, 's'),
      does: ({ told: [, id] }) => moves('port', 'to do', 'in progress', id),
    },
    ...closesOut(program),
  ];
}

/** Claims the job that its mail names, does it, ends it, and answers what is asked. */
export function worker(program: Program, mayEnd: () => Promise<void> = async () => {}): Step[] {
  const { more, tool } = speech(program);
  let id = '';
  const commit = 'git -c user.name=api -c user.email=a@b commit -q --allow-empty -m done';
  return [
    { told: new RegExp(WORK), does: () => 'Ready.' },
    {
      told: new RegExp(`(${job.source}), kind api, ${ADVICE}`),
      does: ({ told: [, found = ''] }) => {
        id = found;
        return more('job_claim', { job: id });
      },
    },
    {
      result: /"attempt":1/,
      does: () =>
        more('job_update', { job: id, attempt: 1, state: 'running', note: 'the store is done' }),
    },
    {
      result: /"lease_until"/,
      does: () => program.shell(`${commit} && git rev-parse HEAD`),
    },
    {
      result: /[0-9a-f]{40}/,
      does: ({ result: [head_sha] }) =>
        more('review_touch', { pr_url: PULL, head_sha, title: 'Login' }),
    },
    {
      result: /pr_url/,
      does: async () => {
        await mayEnd();
        const end = { job: id, attempt: 1, outcome: 'completed', summary: SUMMARY };
        return more('job_finish', end);
      },
    },
    {
      result: /"outcome":"completed"/,
      told: new RegExp(`(${ask.source}).*${QUESTION.replace('?', '\\?')}`, 's'),
      does: ({ told: [, id] }) => tool('reply', { ask: id, outcome: 'replied', text: PORT }),
    },
  ];
}
