// The health check of a nats-server: is it ours, does it let us in and answer a ping.
import { connect } from 'node:net';
import { limits } from '../../schemas/limits.js';
import type { NatsAddress } from './config.js';

/** What an attempt to ask came to; `unasked` when it was we who could not open a connection. */
export type NatsAnswer = 'answers' | 'silent' | 'unasked';

/** Errors of our own process or machine, which say nothing of the server. */
const OUR_WANT: ReadonlySet<string | undefined> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
]);

/**
 * Whether our own server answers a ping in time. The time is counted in ticks of this process's
 * own loop, so that a broker too busy to listen does not blame the server.
 */
export function natsAnswers(address: NatsAddress): Promise<NatsAnswer> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port: address.port });
    let ticks = limits.nats_answer_ms / limits.nats_probe_tick_ms;
    let heard = '';
    let greeted = false;
    const settle = (answer: NatsAnswer) => {
      clearInterval(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setInterval(() => {
      ticks -= 1;
      if (ticks <= 0) settle('silent');
    }, limits.nats_probe_tick_ms);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle(OUR_WANT.has(error.code) ? 'unasked' : 'silent');
    });
    socket.on('close', () => settle('silent'));
    socket.on('data', chunk => {
      heard += chunk.toString('latin1');
      if (!greeted && heard.includes('\r\n')) {
        if (!isGreetingOf(heard, address)) return settle('silent');
        greeted = true;
        socket.write(hello(address));
      }
      if (/^PONG\r\n/m.test(heard)) settle('answers');
      else if (heard.length > limits.nats_greeting_bytes || /^-ERR /m.test(heard)) settle('silent');
    });
  });
}

function isGreetingOf(heard: string, address: NatsAddress): boolean {
  const match = /^INFO (.*)\r\n/.exec(heard);
  if (match === null) return false;
  try {
    const info = JSON.parse(match[1]!) as { server_name?: string; jetstream?: boolean } | null;
    return info?.server_name === address.serverName && info.jetstream === true;
  } catch {
    return false;
  }
}

function hello({ user, password }: NatsAddress): string {
  return `CONNECT ${JSON.stringify({ user, pass: password, verbose: false })}\r\nPING\r\n`;
}
