// Following the log across hang-ups and brokers, as one who never stops listening does.
import { connect, type House } from './live-broker.js';
import { type Guest, HungUp, Refused } from './raw-client.js';
import { breath } from './until.js';
import type { Watch } from './watch.js';

/** Follows the log by its cursor, from broker to broker, until the run is over. */
export async function keepWatching(
  watch: Watch,
  house: () => House,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const guest = await connect(undefined, house()).catch(() => undefined);
    if (guest && (await isFollowing(watch, guest))) await guest.closed;
    else await breath();
    guest?.hangUp();
  }
}

/** False when the broker cannot serve just now; any other refusal of the cursor is a failure. */
async function isFollowing(watch: Watch, guest: Guest): Promise<boolean> {
  try {
    await watch.follow(guest);
    return true;
  } catch (error) {
    if (error instanceof HungUp || (error instanceof Refused && error.data.retry)) return false;
    throw error;
  }
}
