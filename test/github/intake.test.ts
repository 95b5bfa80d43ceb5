// The line of deliveries that were believed: bounded, tried again, and emptied before the end.
import t from 'tap';
import { createIntake, type Noted } from '../../broker/github/deliveries.js';
import type { PullObservation } from '../../broker/github/facts.js';
import { limits } from '../../schemas/limits.js';
import { pull, sha } from '../dsl/events-reviews.js';
import { until } from '../dsl/until.js';

const said = (n: number, title = 'T'): PullObservation => ({
  pr_url: pull(n),
  state: 'open',
  head_sha: sha(1),
  title,
});

/** A log that notes when it is told to. */
function slowLog() {
  const asked: string[] = [];
  const answers: ((noted: Noted) => void)[] = [];
  const warned: string[] = [];
  const intake = createIntake({
    note(_, delivery) {
      asked.push(delivery);
      return new Promise(resolve => answers.push(resolve));
    },
    onWarning: line => warned.push(line),
  });
  return { intake, asked, answers, warned };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

t.test('what is offered is noted in its order, a bounded number at a time', async t => {
  const { intake, asked, answers } = slowLog();
  const count = limits.webhook_open_items + 2;
  const all = Array.from({ length: count }, (_, n) => intake.offer(said(n), `d-${n}`));
  await turn();
  t.equal(asked.length, limits.webhook_open_items);
  answers[0]?.('noted');
  answers[1]?.('repeated');
  t.same(await Promise.all(all.slice(0, 2)), ['noted', 'repeated']);
  await turn();
  t.same(asked.slice(-2), [`d-${count - 2}`, `d-${count - 1}`]);
});

t.test('what the log could not take is tried again until it does', async t => {
  const { intake, asked, answers } = slowLog();
  const noted = intake.offer(said(1), 'd-1');
  await turn();
  answers[0]?.('unavailable');
  await until(() => asked.length >= 2);
  t.same(asked, ['d-1', 'd-1'], 'under the same delivery');
  answers[1]?.('noted');
  t.equal(await noted, 'noted');
});

t.test('beyond its bounds nothing is kept, until there is room again', async t => {
  const { intake, answers } = slowLog();
  const { webhook_queue_items } = limits;
  const kept = Array.from({ length: webhook_queue_items }, (_, n) =>
    intake.offer(said(n), `d-${n}`),
  );
  t.notOk(kept.includes(undefined));
  t.equal(intake.offer(said(1), 'one more'), undefined);
  await turn();
  answers[0]?.('noted');
  await turn();
  t.ok(intake.offer(said(1), 'one more'));
  const heavy = slowLog().intake;
  const title = 'x'.repeat(limits.webhook_queue_bytes / 4);
  const offered = [1, 2, 3, 4].map(n => heavy.offer(said(n, title), `d-${n}`) !== undefined);
  t.same(offered, [true, true, true, false], 'in bytes, too');
});

t.test('at the end the line is emptied, and takes nothing more', async t => {
  const { intake, answers, warned } = slowLog();
  const noted = intake.offer(said(1), 'd-1');
  const closed = intake.close();
  t.equal(intake.offer(said(2), 'd-2'), undefined);
  await turn();
  answers[0]?.('noted');
  await closed;
  t.equal(await noted, 'noted');
  t.same(warned, []);
  await slowLog().intake.close();
});

t.test('what is still not noted at the end is told by its number', async t => {
  const { intake, warned } = slowLog();
  intake.offer(said(1), 'd-1');
  intake.offer(said(2), 'd-2');
  // The pauses of the line keep no process alive by themselves.
  const alive = setInterval(() => {}, 1_000);
  await intake.close();
  clearInterval(alive);
  t.match(warned, [/^2 deliveries of GitHub were taken and not noted/]);
});
