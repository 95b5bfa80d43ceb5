// What `npm run bench -- …` may be told.
import { parseArgs } from 'node:util';
import type { Durability } from './programs.js';

export const scenarios = ['P1', 'P2'] as const;
export type Scenario = (typeof scenarios)[number];

export interface Options {
  /** Under two minutes, and less sure. */
  isQuick: boolean;
  chosen: readonly Scenario[];
  durability: Durability;
  /** Where CPU profiles of all programs go. */
  profileDir: string | undefined;
}

export const usage = `npm run bench -- [options]
  --quick                 under two minutes, and less sure
  --only P1|P2            this one alone; the results page is not written
  --durability fsync|os   with os the results page is not written
  --profile DIR           also CPU profiles of all hosts; the results page is not written`;

/** Throws saying what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
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
  return {
    isQuick: quick,
    chosen: only.length === 0 ? scenarios : only.map(scenarioOf),
    durability,
    profileDir: profile,
  };
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find(scenario => scenario === name.toUpperCase());
  if (found === undefined) throw new Error(`--only is one of ${scenarios.join(', ')}`);
  return found;
}
