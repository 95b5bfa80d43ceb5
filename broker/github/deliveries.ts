// A bounded retry queue of what GitHub delivered and was believed, kept until it is noted.
import { limits } from '../../schemas/limits.js';
import { within } from '../system/deadline.js';
import { Semaphore } from '../system/semaphore.js';
import { pause } from '../system/starting.js';
import type { News } from './webhook.js';

/** What became of what GitHub said. */
export type Noted = 'noted' | 'repeated' | 'unavailable';

export interface IntakeParts {
  note(news: News, delivery: string): Promise<Noted>;
  /** Told of what was taken and could not be noted before the end. */
  onWarning(line: string): void;
}

export interface Intake {
  /** What becomes of it, once that is known; undefined when there is no room to keep it. */
  offer(news: News, delivery: string): Promise<Noted> | undefined;
  /** Takes no more; resolves when the line is empty, or after `limits.webhook_drain_ms`. */
  close(): Promise<void>;
}

/** An empty queue; `note` is asked `limits.webhook_open_items` times at once at most. */
export function createIntake({ note, onWarning }: IntakeParts): Intake {
  const lanes = new Semaphore(limits.webhook_open_items);
  /** In the line or on their way into the log. */
  let items = 0;
  let bytes = 0;
  let isOpen = true;
  let isOver = false;
  let emptied = () => {};

  async function noted(news: News, delivery: string): Promise<Noted> {
    for (;;) {
      const outcome = await note(news, delivery).catch((): Noted => 'unavailable');
      if (outcome !== 'unavailable' || isOver) return outcome;
      await pause(limits.webhook_retry_ms);
    }
  }

  async function take(news: News, delivery: string, size: number): Promise<Noted> {
    items++;
    bytes += size;
    await lanes.enter();
    const outcome = await noted(news, delivery);
    lanes.leave();
    items--;
    bytes -= size;
    if (items === 0) emptied();
    return outcome;
  }

  return {
    offer(news, delivery) {
      const size = JSON.stringify(news).length;
      const isRoom =
        items < limits.webhook_queue_items && bytes + size <= limits.webhook_queue_bytes;
      return isOpen && isRoom ? take(news, delivery, size) : undefined;
    },
    async close() {
      isOpen = false;
      if (items === 0) return;
      const empty = new Promise<void>(resolve => {
        emptied = resolve;
      });
      await within(empty, limits.webhook_drain_ms, undefined);
      isOver = true;
      if (items === 0) return;
      const advice = 'let GitHub deliver them again';
      onWarning(`${items} deliveries of GitHub were taken and not noted; ${advice}.`);
    },
  };
}
