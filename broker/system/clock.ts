// The only file of the broker that reads the time; everyone else is handed a Clock or MeshTime.
export interface Clock {
  /** Wall time in ms UTC. */
  now(): number;
  /** Monotonic time in ms, for measuring how long something took. */
  elapsed(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};
