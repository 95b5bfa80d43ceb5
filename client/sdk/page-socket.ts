// The socket of a web page: the browser's own, which can send no header and tells little.
import { SUBPROTOCOLS } from '../../schemas/frame.js';
import type { Dial } from './wire.js';

/** The part of the browser's WebSocket that is used here. */
export interface PageSocket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(frame: string | Uint8Array): void;
  close(): void;
}
/** How such a socket is made. */
export type PageSocketClass = new (url: string, subprotocol: string) => PageSocket;

/** Dials from a page; the first frame must be `session.start`. */
export function pageDial(Socket: PageSocketClass): Dial {
  return (url, encoding, ears) => {
    const socket = new Socket(url, SUBPROTOCOLS[encoding]);
    socket.binaryType = 'arraybuffer';
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      ears.opened();
    };
    socket.onmessage = ({ data }) => {
      ears.heard(typeof data === 'string' ? data : new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      const message = `closed with ${code} ${reason}`.trim();
      ears.lost(wasOpen ? { how: 'closed', code, message } : { how: 'unreachable', message });
    };
    return { send: frame => socket.send(frame), close: () => socket.close() };
  };
}
