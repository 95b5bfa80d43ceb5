// Holds the options of the SDK to the parameters of the protocol, and each to its word of default.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { CallParams } from '../../client/sdk/api.js';
import type * as options from '../../client/sdk/options.js';

/** True for two types of the same fields, of which each takes what the other takes. */
type Same<A, B> = [A, B, keyof A, keyof B] extends [B, A, keyof B, keyof A] ? true : false;
type To = 'to' | 'text';

// The compiler proves them: a field that the protocol gains or changes is an error here.
const proofs: {
  join: Same<options.JoinParams, CallParams<'peer.join'>>;
  ask: Same<options.AskOptions, Omit<CallParams<'ask.open'>, To>>;
  askMany: Same<options.AskManyOptions, Omit<CallParams<'ask.fan_out'>, To>>;
  notify: Same<options.NotifyOptions, Omit<CallParams<'notify.send'>, To>>;
  job: Same<options.JobOptions, Omit<CallParams<'job.create'>, 'title'>>;
  news: Same<options.JobNews, Omit<CallParams<'job.update'>, 'job' | 'attempt'>>;
  outcome: Same<options.JobOutcome, Pick<CallParams<'job.finish'>, 'result' | 'artifacts' | 'id'>>;
  once: Same<options.Once, Omit<CallParams<'schedule.create'>, To>>;
  recurring: Same<options.Recurring, Omit<CallParams<'schedule.cron'>, To>>;
  touch: Same<options.TouchOptions, Omit<CallParams<'review.touch'>, 'pr_url' | 'id'>>;
} = {
  join: true,
  ask: true,
  askMany: true,
  notify: true,
  job: true,
  news: true,
  outcome: true,
  once: true,
  recurring: true,
  touch: true,
};

t.test('the options are the parameters of the protocol', async t => {
  t.ok(Object.values(proofs).every(Boolean));
});

t.test('every option says what it is, and its default when it may be left out', async t => {
  for (const file of ['options', 'api', 'post']) {
    const url = new URL(`../../../client/sdk/${file}.ts`, import.meta.url);
    const text = await readFile(url, 'utf8');
    const interfaces = text.matchAll(
      /^export interface (\w*(?:Options|Params|Once|Recurring|News|Outcome))\b[^{]*\{\n(.*?)^\}/gms,
    );
    for (const [, name = '', body = ''] of interfaces) {
      const fields = body.matchAll(/(\/\*\*(?:(?!\*\/).)*\*\/\n)?^ {2}(\w+)(\?)?[:(]/gms);
      for (const [, doc = '', field, mark] of fields) {
        t.match(doc, mark ? /\bDefault: / : /\/\*\*/, `${file}.ts ${name}.${field}`);
      }
    }
  }
});
