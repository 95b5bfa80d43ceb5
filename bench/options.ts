// What `npm run bench -- …` may be told.
import { parseArgs } from 'node:util';
import type { Durability } from './programs.js';

export const scenarios = [
  'P1',
  'P2',
  'P3',
  'P4',
  'P5',
  'P6',
  'P7',
  'P8',
  'P9',
  'P10',
  'P11',
] as const;
export type Scenario = (typeof scenarios)[number];

export interface Options {
  /** Under two minutes, and less sure. */
  isQuick: boolean;
  chosen: readonly Scenario[];
  durability: Durability;
  /** Where CPU profiles of all programs go. */
  profileDir: string | undefined;
}

export const usage = `npm run bench -- [scenario …] [options]
  P1|P2|…|P10|P11        these alone; the results page is not written
  --quick                 under two minutes, and less sure
  --only P1               the same, said as an option
  --durability fsync|os   with os the results page is not written
  --profile DIR           also CPU profiles of all hosts; the results page is not written`;

/** Throws saying what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      durability: { type: 'string', default: 'fsync' },
      profile: { type: 'string' },
    },
  });
  const { quick, only, durability, profile } = values;
  if (durability !== 'fsync' && durability !== 'os') {
    throw new Error('--durability is fsync or os');
  }
  const named = [...positionals, ...only];
  return {
    isQuick: quick,
    chosen: named.length === 0 ? scenarios : named.map(scenarioOf),
    durability,
    profileDir: profile,
  };
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find(scenario => scenario === name.toUpperCase());
  if (found === undefined)
    throw new Error(`there is no scenario ${name}, only ${scenarios.join(', ')}`);
  return found;
}
