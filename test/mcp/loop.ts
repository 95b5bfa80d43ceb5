// The loop of an orchestrator, by tools alone, for whoever knows nothing but what they tell.
import type { Test } from 'tap';
import type { Fields, McpClient, ToolReply } from '../dsl/mcp-client.js';

const pull = (n: number) => `https://github.com/acme/shop/pull/${n}`;
let loops = 0;

/** What a tool takes, as its client learns it: from the list, or by asking `more`. */
async function takes(one: McpClient, name: string): Promise<string[]> {
  const { result } = await one.call('tools/list', {});
  const { tools } = result as {
    tools: { name: string; inputSchema: { properties: object } }[];
  };
  const listed = tools.find(tool => tool.name === name);
  if (listed !== undefined) return Object.keys(listed.inputSchema.properties);
  const { text } = await one.tool('more', { find: name });
  const [, said] = new RegExp(`\\b${name}\\(([^)]*)\\)`).exec(text) ?? [];
  if (said === undefined) throw new Error(`more tells of no ${name}: ${text}`);
  return said.split(', ').map(each => each.replace('?', ''));
}

/** Somebody who calls only what was told of, with arguments that were told of. */
export interface Novice {
  does(name: string, args?: Fields): Promise<Fields>;
  tool(name: string, args?: Fields): Promise<ToolReply>;
}

export function novice(one: McpClient): Novice {
  const known = new Map<string, string[]>();
  const check = async (name: string, args: Fields) => {
    if (!known.has(name)) known.set(name, await takes(one, name));
    const strange = Object.keys(args).filter(key => !known.get(name)?.includes(key));
    if (strange.length > 0) throw new Error(`${name} does not take ${strange.join(', ')}`);
  };
  return {
    async does(name, args = {}) {
      await check(name, args);
      return one.does(name, args);
    },
    async tool(name, args = {}) {
      await check(name, args);
      return one.tool(name, args);
    },
  };
}

/** Dispatched and taken on, half done. */
export interface Dispatched {
  ask: string;
  job: string;
  attempt: unknown;
  pr_url: string;
}

/** Scan, and dispatch: an ask with a brief, and a durable job; the worker takes both on. */
export async function dispatch(
  t: Test,
  boss: Novice,
  web: Novice,
  worker: string,
): Promise<Dispatched> {
  await web.does('set_description', { text: 'waits for work' });
  const { text } = await boss.tool('list_peers');
  t.match(text, new RegExp(`name: ${worker};.*doing: waits for work`));
  const asked = await boss.does('ask', { to: worker, text: 'mend the door, tell me how' });
  const made = await boss.does('job_create', { title: 'sweep', body: 'the floor', to: worker });
  const [ask, job] = [`${asked.ask}`, `${made.job}`];
  t.match(asked.next, `wait_for_reply ask=${ask}`);
  const mail = { new: 2, mail: new RegExp(`${ask}.*${job}`, 's'), next: `reply ask=${ask}` };
  t.match(await web.does('inbox', { wait_s: 30 }), mail);
  const { attempt } = await web.does('job_claim', { job });
  await web.does('job_update', { job, attempt, progress: 0.5, note: 'half' });
  return { ask, job, attempt, pr_url: pull(++loops) };
}

/** Track, review, and close out. */
export async function closeOut(
  t: Test,
  boss: Novice,
  web: Novice,
  { ask, job, attempt, pr_url }: Dispatched,
): Promise<void> {
  const { name: leader } = await boss.does('whoami');
  t.match(await boss.does('job_status', { job }), { state: 'running', progress: 0.5 });
  await web.does('job_finish', { job, attempt, outcome: 'completed', summary: 'swept' });
  await web.does('review_touch', { pr_url, title: 'Mend the door' });
  await web.does('review_request', { pr_url, of: leader });
  await web.does('reply', { ask, outcome: 'replied', text: 'with a new hinge' });
  t.match(await boss.does('wait_for_reply', { ask }), { outcome: 'replied', reply: /new hinge/ });
  t.match((await boss.tool('inbox')).text, /sweep|swept/);
  t.match(await boss.does('job_result', { job }), { state: 'completed', summary: /swept/ });
  t.match(await boss.does('review_queue'), { pulls: [{ pr_url }] });
  await boss.does('mark_reviewed', { pr_url, sha: 'abcdef1' });
  t.notMatch((await boss.tool('review_queue')).text, pr_url);
  t.match(await boss.does('thread', { ref: ask }), { said: /mend the door.*new hinge/s });
  t.match(await boss.does('trace', { ref: ask }), { stages: [{ stage: 'accepted' }] });
  t.match(await boss.does('job_list', { state: 'running' }), { none: 'no such job' });
}
