// The floor of P4: a raw push consumer that takes every commit and looks at none.
import { openJetStream } from '../../broker/log/jetstream.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import type { ReplayProgram } from '../programs.js';
import { serve } from '../serve.js';
import { noFaults } from './ledger.js';

const program: ReplayProgram = {
  async replay({ ws, commits }) {
    const log = await openJetStream({
      url: ws,
      mesh: 'default',
      replicas: 1,
      maxBytes: 0,
      clock,
      onNotice() {},
    });
    let bytes = 0;
    let taken = 0;
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      const follower = log.follow(1, {
        onCommit(delivery) {
          bytes += delivery.bytes.length;
          if (++taken < commits) return;
          follower.stop();
          resolve();
        },
        onBroken: reason => reject(new Error(reason)),
      });
    });
    const seconds = (performance.now() - began) / 1000;
    await log.close();
    return { seconds, bytes, faults: noFaults() };
  },
};

serve(program, async () => {});
