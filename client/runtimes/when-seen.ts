// When a session sees what was sent to it, in words: never more than is known.
import type { Capabilities, SeenWhen } from '../../schemas/peer.js';

/** What a sender was told of a message or an ask. */
interface Sent {
  delivery: 'offered' | 'queued' | 'dropped';
  successor?: string | undefined;
  seen_when?: SeenWhen | undefined;
  runtime?: string | undefined;
}

const DELIVERY = {
  offered: 'the peer is connected, but has not yet seen it',
  queued: 'the peer is offline; it waits in its inbox',
  dropped: 'the peer is offline, and nothing waits for it',
} as const;

/** `offered: …`, `queued: …` or `dropped: …`, with who else gets it and when, where it is known. */
export function deliveryText({ delivery, successor, seen_when, runtime }: Sent): string {
  const told = seen_when === undefined ? DELIVERY[delivery] : seenText(seen_when, runtime);
  const instead = successor && `to ${successor} instead, who took over from that peer, `;
  return `${instead ?? ''}${delivery}: ${told}`;
}

/** When a session sees what comes now. */
export function seenText(when: SeenWhen, runtime = 'its program'): string {
  switch (when) {
    case 'wakes_now':
      return 'it is idle and wakes now; not yet seen';
    case 'next_step':
      return 'it is at work and sees it at its next step';
    case 'next_turn':
      return `seen at its next turn, as nothing can wake ${runtime} for it`;
    case 'when_it_reads':
      return 'seen when its agent reads its inbox, as no hook hands it mail';
    case 'when_back':
      return 'the peer is offline; it waits in its inbox';
  }
}

/** Why something waits in an inbox. */
export function waitingText(what: { handed?: boolean; seen_when?: SeenWhen; runtime?: string }) {
  const { handed, seen_when, runtime } = what;
  if (handed && seen_when !== 'when_back') {
    return 'handed to a hook; seen once a later call of that session proves it';
  }
  return seen_when === undefined ? 'not yet acknowledged' : seenText(seen_when, runtime);
}

/** What a session can do with mail, in a few words. */
export function capabilitiesText({ drain, keep_going, wake_idle, steer }: Capabilities): string {
  const able = [
    drain && 'drains',
    keep_going && 'goes on',
    wake_idle && 'wakes',
    steer && 'steers',
  ];
  return able.filter(Boolean).join(' ') || 'reads by itself';
}
