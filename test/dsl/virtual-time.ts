// Virtual time for whole brokers: everybody awake or asleep together, and what took effect.
import { setImmediate as turn } from 'node:timers/promises';
import type { Test } from 'tap';
import type { OldCommit } from '../../broker/core/words.js';
import { memoryStore } from '../../broker/log/memory.js';
import type { EventOf } from '../../schemas/event.js';
import { isRefusal } from '../../schemas/refusal.js';
import { HandClock, type House, openHouse } from './memory-brokers.js';
import type { Effect } from './nominal-times.js';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

export function quarters(at = Date.UTC(2026, 0, 5, 9)) {
  const clock = new HandClock();
  clock.time = at;
  return { store: memoryStore(), clock };
}

export type Quarters = ReturnType<typeof quarters>;

/** Lets the brokers do all that there is to do now. */
export async function settle({ store }: Quarters, houses: readonly House[]): Promise<void> {
  for (let calm = 0; calm < 2; calm++) {
    const before = store.commits.length;
    for (const house of houses) house.broker.tick();
    do for (let n = 0; n < 3; n++) await turn();
    while (houses.some(({ fold }) => fold.sequence < store.commits.length));
    if (store.commits.length > before) calm = -1;
  }
}

/** Passes time in steps, with everybody awake. */
export async function pass(at: Quarters, houses: readonly House[], to: number, step: number) {
  while (at.clock.time < to) {
    at.clock.time = Math.min(to, at.clock.time + step);
    await settle(at, houses);
  }
}

/** All that took effect, in order. */
export function effects({ commits }: { commits: readonly OldCommit[] }): Effect[] {
  return commits.flatMap(({ time, records }) =>
    records.flatMap(({ event, void: reason }) =>
      event === undefined || reason !== undefined ? [] : [{ time, event }],
    ),
  );
}

export function firedTimes(house: House): number[] {
  return effects(house).flatMap(({ event }) =>
    event.type === 'schedule.fired' ? [event.nominal_at] : [],
  );
}

export function skips(house: House): EventOf<'schedule.skipped'>[] {
  return effects(house).flatMap(({ event }) => skipOf(event) ?? []);
}

export function skipOf(event: Effect['event']): EventOf<'schedule.skipped'> | undefined {
  return event.type === 'schedule.skipped' ? event : undefined;
}

export async function plan(house: House, params: object): Promise<string> {
  const ann = await house.join('ann');
  const method = 'cron' in params ? 'schedule.cron' : 'schedule.create';
  const answer = await house.give(method, { to: ann.peer, text: 'wake up', ...params }, ann);
  if (isRefusal(answer)) throw new Error(answer.message);
  return String(answer.result.schedule);
}

export async function neighbours(
  t: Test,
  world: Quarters,
  names: readonly string[],
): Promise<House[]> {
  const houses: House[] = [];
  for (const name of names) houses.push(await openHouse(t, world, name));
  await settle(world, houses);
  return houses;
}

export const rowOf = (house: House, schedule: string) =>
  house.fold.table.schedules.get(schedule)?.row;
