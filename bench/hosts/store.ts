// The floor of P4: the same store with the same commits, for consumers that connect by themselves.
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';
import { type Floor, openFloor } from './floor.js';

let floor: Floor | undefined;

const program: HostProgram = {
  async open(options) {
    floor = await openFloor(options);
    return { ws: floor.url, token: '', ...floor.facts };
  },
};

serve(program, async () => floor?.close());
