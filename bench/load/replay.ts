// The load generator of P4: one observer from the start of the log to its head.
import { encode } from '../../schemas/codec.js';
import { SUBPROTOCOLS } from '../../schemas/frame.js';
import type { ReplayProgram } from '../programs.js';
import { serve } from '../serve.js';
import { FrameReader } from './frame-reader.js';
import { NumberScanner } from './number-scanner.js';

const program: ReplayProgram = {
  async replay({ ws, token, encoding, events }) {
    const scanner = new NumberScanner(0);
    let came = () => {};
    const done = new Promise<void>(resolve => {
      came = resolve;
    });
    const target = { ws, token, subprotocol: SUBPROTOCOLS[encoding] };
    const reader = await FrameReader.dial(target, piece => {
      scanner.scan(piece);
      if (scanner.count === events) came();
    });
    const began = performance.now();
    const params = { from: 'start', filter: { types: ['peer.turned'] } };
    reader.send(encode(encoding, { jsonrpc: '2.0', id: 1, method: 'log.observe', params }));
    await done;
    const seconds = (performance.now() - began) / 1000;
    reader.close();
    return { seconds, bytes: reader.bytes, faults: scanner.faults(events) };
  },
};

serve(program, async () => {});
