// The load generator of P6: connections that say nothing.
import { SUBPROTOCOLS } from '../../schemas/frame.js';
import type { IdleProgram } from '../programs.js';
import { serve } from '../serve.js';
import { FrameReader } from './frame-reader.js';

const DIALS = 32;
let readers: FrameReader[] = [];

const program: IdleProgram = {
  async connect({ ws, token, connections }) {
    const target = { ws, token, subprotocol: SUBPROTOCOLS.msgpack };
    while (readers.length < connections) {
      const count = Math.min(DIALS, connections - readers.length);
      const dials = Array.from({ length: count }, () => FrameReader.dial(target, () => {}));
      readers.push(...(await Promise.all(dials)));
    }
  },

  disconnect() {
    for (const reader of readers) reader.close();
    readers = [];
  },
};

serve(program, async () => {});
