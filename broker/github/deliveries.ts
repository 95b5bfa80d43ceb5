// What GitHub delivered and was believed, kept until it is noted: a bounded line, tried again.
import { limits } from '../../schemas/limits.js';
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

interface Waiting {
  news: News;
  delivery: string;
  bytes: number;
  settle(noted: Noted): void;
}

export function createIntake({ note, onWarning }: IntakeParts): Intake {
  const line: Waiting[] = [];
  /** In the line or on their way into the log. */
  let items = 0;
  let bytes = 0;
  let lanes = 0;
  let isOpen = true;
  let isOver = false;
  let emptied = () => {};

  async function noted({ news, delivery }: Waiting): Promise<Noted> {
    for (;;) {
      const outcome = await note(news, delivery).catch((): Noted => 'unavailable');
      if (outcome !== 'unavailable' || isOver) return outcome;
      await pause(limits.webhook_retry_ms);
    }
  }

  async function work(): Promise<void> {
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      const outcome = await noted(next);
      items--;
      bytes -= next.bytes;
      next.settle(outcome);
    }
    lanes--;
    if (items === 0) emptied();
  }

  return {
    offer(news, delivery) {
      const size = JSON.stringify(news).length;
      const isRoom =
        items < limits.webhook_queue_items && bytes + size <= limits.webhook_queue_bytes;
      if (!isOpen || !isRoom) return undefined;
      items++;
      bytes += size;
      return new Promise(settle => {
        line.push({ news, delivery, bytes: size, settle });
        if (lanes >= limits.webhook_open_items) return;
        lanes++;
        void work();
      });
    },
    async close() {
      isOpen = false;
      if (items === 0) return;
      const empty = new Promise<void>(resolve => {
        emptied = resolve;
      });
      await Promise.race([empty, pause(limits.webhook_drain_ms)]);
      isOver = true;
      if (items === 0) return;
      const advice = 'let GitHub deliver them again';
      onWarning(`${items} deliveries of GitHub were taken and not noted; ${advice}.`);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref());
}
