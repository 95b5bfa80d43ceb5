// The floor of P1: each frame is published, and forwarded as it is once it is on disk.
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';
import { type Listener, listen, type Socket } from '../wire.js';
import { type Floor, openFloor } from './floor.js';

let floor: Floor | undefined;
let listener: Listener | undefined;
let published = 0;
const sockets: Socket[] = [];

const program: HostProgram = {
  async open(options) {
    const opened = await openFloor(options);
    floor = opened;
    listener = await listen(socket => {
      sockets.push(socket);
      return frame => {
        opened.log.append(`hop.${++published}`, frame).then(({ outcome }) => {
          if (outcome !== 'stored') throw new Error(`a publish of the floor was ${outcome}`);
          sockets.find(other => other !== socket)?.send(frame);
        });
      };
    });
    return { ws: listener.ws, token: '', ...opened.facts };
  },
};

serve(program, async () => {
  await listener?.close();
  await floor?.close();
});
