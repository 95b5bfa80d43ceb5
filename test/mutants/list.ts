// The 27 invariants the broker promises, by number: the one list that the run of mutants goes by.
import { deliveryInvariants } from './delivery-invariants.js';
import type { Invariant } from './invariant.js';
import { logInvariants } from './log-invariants.js';

export const invariants: readonly Invariant[] = [...logInvariants, ...deliveryInvariants];
