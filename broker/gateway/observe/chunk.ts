// A chunk of the log: what one group may see of a stretch, encoded once for all who stand there.
import type { Encoding } from '../../../schemas/frame.js';
import type { Point } from '../../core/cursor.js';
import type { Framing } from '../shared/outlet.js';
import { encodeEvents, type Passage } from './event-stream-frame.js';
import { encodeFrame, wrapBody } from './record-frame.js';

/** The end of a commit and the cursor that says so; one object for all readers who stand there. */
export interface CursorPoint extends Point {
  cursor: string;
  /** Of the commit that follows, the events below this position were told already. */
  toldBelow?: number;
}

export interface Chunk {
  to: CursorPoint;
  /** True when it ends at the head. */
  isLive: boolean;
  /** How many records it shows. */
  count: number;
  /** The frame for a reader that was last told `after`. */
  frame(encoding: Framing, after: CursorPoint): Uint8Array | string;
}

/**
 * A chunk that ends at `to`; frames are made when first asked for, one for each encoding and place
 * that readers were last told of.
 */
export function createChunk(
  subscription: string,
  passage: Passage,
  to: CursorPoint,
  isLive: boolean,
): Chunk {
  const { lines } = passage;
  let events: string | undefined;
  const bodies: { [E in Encoding]?: Uint8Array } = {};
  const frames = {
    json: new Map<string, Uint8Array>(),
    msgpack: new Map<string, Uint8Array>(),
  };
  return {
    to,
    isLive,
    count: lines.length,
    frame(encoding, after) {
      if (encoding === 'events') {
        events ??= encodeEvents(passage, to.cursor);
        return events;
      }
      const known = frames[encoding].get(after.cursor);
      if (known !== undefined) return known;
      const envelope = { subscription, after: after.cursor, to: to.cursor, live: isLive };
      const body = bodies[encoding];
      let frame: Uint8Array;
      if (body !== undefined) frame = wrapBody(encoding, envelope, body);
      else ({ bytes: frame, body: bodies[encoding] } = encodeFrame(encoding, envelope, lines));
      frames[encoding].set(after.cursor, frame);
      return frame;
    },
  };
}
