// Webhooks for the random histories: brokers that race for one, progress, failures and letters.
import type { Dice } from './dice.js';
import { type Draft, lost, type Person, says } from './events.js';
import * as w from './events-webhooks.js';

/** Numbers that no random event is given. */
const HOOK = 40;
const OTHER = 41;

/** Behind `firstIndex` events of commit 1: two webhooks, and a dead letter of the first. */
export const firstHooks = (firstIndex: number): Draft[] => [
  w.adds(HOOK),
  w.adds(OTHER, { circles: ['elsewhere'] }),
  w.takesHook(HOOK),
  w.makesLetter(HOOK, 1, 4_096 + firstIndex + 2),
];

/** Few commits and few attempts, so that what is said often follows on what was. */
const one = ({ thing }: Dice) => (thing % 3 ? HOOK : OTHER);
const record = ({ other }: Dice) => 4_096 * (2 + other);
const attempt = ({ to }: Dice) => 1 + (to % 3);

export function webhookDrafts(
  people: readonly Person[],
  boots: readonly string[],
): ((dice: Dice) => Draft)[] {
  const boot = ({ who }: Dice) => boots[who % 2]!;
  const letter = w.letterNo(HOOK);
  return [
    d => w.takesHook(one(d), boot(d)),
    d => w.takesHook(one(d), boot(d)),
    d => w.advances(one(d), record(d), d.to, boot(d)),
    d => w.failsAt(one(d), record(d), attempt(d), boot(d)),
    d => w.failsAt(one(d), record(d), 1, boot(d)),
    d => w.makesLetter(one(d), attempt(d), record(d), boot(d)),
    d => w.makesLetter(one(d), 1, record(d), boot(d)),
    d => w.retries(HOOK, d.to % 2 ? letter : undefined),
    () => w.retries(HOOK, letter),
    d => w.failsAgain(HOOK, letter, boot(d)),
    d => w.delivers(HOOK, letter, boot(d)),
    d => (d.other % 3 ? w.resumesHook(one(d), { from_now: d.to % 2 === 0 }) : w.pausesHook(one(d))),
    d => (d.other % 3 ? w.resumesHook(one(d)) : w.disablesHook(one(d), boot(d))),
    d => (d.other % 4 ? w.adds(HOOK, { circles: [d.text] }) : w.releasesHook(one(d), boot(d))),
    d => (d.other % 4 ? w.rotatesHook(one(d), `hash-${d.text}`, 9 * d.id) : w.clears(HOOK, letter)),
    d => (d.other % 9 ? lost(boot(d)) : w.removesHook(one(d))),
    d => says(people[d.who]!, 'webhook.paused', { webhook: w.hookNo(one(d)) }),
  ];
}
