// Two peers, web and api, and what happens to the inbox of api, in few words.

import { createInboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import type { Outcome } from '../../schemas/ask.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet } from './fake-outlet.js';

export function openInbox() {
  const door = new FakeLogDoor();
  const [web, api] = [door.join('web'), door.join('api')];
  const inbox = createInboxDelivery(door);
  const message = () => `msg_${door.uuid()}`;
  const words = {
    /** From web to api; the message's id. */
    notify(text: string, more: { expires_at?: number; supersedes?: string } = {}) {
      const event = {
        message: message(),
        to: api,
        text,
        backlog: 'deliver' as const,
        by: web,
        ...more,
      };
      door.commit(door.event('message.notified', event));
      return event.message;
    },
    ask(text: string) {
      const ask = `ask_${door.uuid()}`;
      door.commit(door.event('ask.opened', { ask, to: api, text, by: web }));
      return ask;
    },
    close: (ask: string, outcome: Outcome, by = api) =>
      door.commit(door.event('ask.closed', { ask, outcome, by })),
    ack: (refs: string[], generation?: number) =>
      door.commit(
        door.event('inbox.acknowledged', { by: api, refs, ...(generation && { generation }) }),
      ),
    /** Takes api's inbox as rpc does: the event is folded, the answer queued, then we are told. */
    take(outlet: FakeOutlet) {
      door.commit(door.event('inbox.taken', { by: api }));
      const generation = door.table.inbox.boxes.get(api)?.generation ?? 0;
      inbox.subscribed(outlet, generation);
      return generation;
    },
    outlet: () => new FakeOutlet({ token: 'operator', peer: api }),
  };
  return { door, inbox, web, api, ...words };
}

export function texts(outlet: FakeOutlet): string[] {
  return outlet.told('inbox.item').map(({ text }) => text);
}
