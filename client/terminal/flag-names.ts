// What the parameters of the protocol are called at the command line.
import type { MethodName } from '../../schemas/method.js';

/** Everywhere, unless a method says otherwise below. */
const common: Readonly<Record<string, string>> = {
  after: 'the page',
  allow_private: '--allow-private',
  ask: 'the id of the ask',
  artifacts: '--artifact',
  attachments: '--attach',
  attempt: '--attempt',
  attempts_max: '--attempts',
  backlog: '--backlog',
  body: 'the brief (--body or --file)',
  by: '--by',
  catch_up: '--catch-up',
  circle: '--circle',
  circles: '--circles',
  claim_s: 'the claim',
  correlation: '--correlation',
  cost_usd_per_day: '--cost',
  cron: 'the rule (--cron)',
  days: '--days',
  deadline_at: '--deadline',
  description: '--description',
  due_at: '--due',
  error: '--error',
  expires_at: '--expires',
  fire_at: 'the time',
  from: '--from',
  group: 'the id of the ask',
  head_sha: '--head',
  job: 'the job',
  kind: '--kind',
  lease_s: '--lease',
  machine: '--machine',
  max: '--max',
  message: 'the id of the message',
  model: '--model',
  name: 'the name',
  note: '--note',
  of: 'the peer',
  option: '--option',
  outcome: 'the answer',
  overlap: '--overlap',
  owner: '--owner',
  path: '--path',
  peer: '--peer',
  phase: '--phase',
  pr_url: 'the address',
  progress: '--progress',
  project: '--project',
  question: '--choice',
  quorum: '--quorum',
  reason: 'the reason',
  recurrence: '--cron',
  'recurrence.zone': '--zone',
  ref: 'the id',
  refs: 'the ids',
  reply_to: '--reply-to',
  from_now: '--from-now',
  letter: 'the dead letter',
  overlap_s: '--overlap',
  result: '--result',
  role: '--role',
  roles: '--roles',
  runtime: '--runtime',
  schedule: 'the id of the schedule',
  sha: '--sha',
  state: 'the state',
  summary: 'the summary',
  supersedes: '--supersedes',
  text: 'the text',
  timeout_s: '--wait',
  title: 'the title',
  to: 'the peer',
  token: 'the token',
  tokens_per_day: '--tokens',
  ttl_s: '--ttl',
  until: '--until',
  'usage.cost_usd': '--cost',
  'usage.input_tokens': '--in',
  'usage.model': '--model',
  'usage.output_tokens': '--out',
  verbs: '--verbs',
  wait_s: '--wait',
  webhook: 'the webhook',
  zone: '--zone',
};

const special: { readonly [M in MethodName]?: Readonly<Record<string, string>> } = {
  'ask.fan_out': { to: '--many' },
  'job.create': { to: '--to' },
  'job.list': { to: '--to', state: '--state' },
  'job.update': { state: '--state' },
  'peer.join': { name: 'the name (--as)' },
  'review.touch': { title: '--title' },
  'schedule.cron': { cron: 'the rule' },
  'token.create': { name: 'the name' },
  'webhook.add': { url: 'the URL', types: '--types', kinds: '--types', secret: '--secret-file' },
  'webhook.rotate': { secret: '--secret-file' },
  'webhook.entrust': { secret: '--secret-file' },
  'usage.budget': { tokens_per_day: '--tokens', cost_usd_per_day: '--cost' },
};

/** The flag or argument that a parameter comes from; what has none is called a value. */
export function flagOf(method: MethodName | undefined, path: readonly PropertyKey[]): string {
  const names = path.filter(step => typeof step === 'string');
  const own = method === undefined ? {} : (special[method] ?? {});
  const [whole, first = ''] = [names.join('.'), names[0]];
  return own[whole] ?? common[whole] ?? own[first] ?? common[first] ?? 'a value';
}

/** The same for a name as it stands in a sentence; undefined for a word that is no parameter. */
export function flagNamed(method: MethodName | undefined, name: string): string | undefined {
  const own = method === undefined ? {} : (special[method] ?? {});
  return own[name] ?? common[name];
}
