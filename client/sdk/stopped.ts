// Why a session stopped, as the error that everything still open ends with.
import { ClientError, noBroker, RefusalError } from './errors.js';
import type { Stop } from './life.js';

/** The error that tells a program why its session is over. */
export function errorOf(why: Stop, urls: readonly string[]): Error {
  switch (why.kind) {
    case 'closed':
      return new ClientError('closed', 'the client was closed; connect again to go on');
    case 'unreachable':
      return new ClientError('unreachable', noBroker(urls.join(', '), why.message));
    case 'refused':
      return new RefusalError(why.refused);
  }
}
