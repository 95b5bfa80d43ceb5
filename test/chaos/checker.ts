// The checker: what the log must hold, given every command that was sent and what was told of it.
import type { Line } from '../dsl/watch.js';
import type { Said } from './worker.js';

/** Every broken promise, one sentence each; empty when all were kept. */
export function brokenPromises(lines: readonly Line[], said: readonly Said[]): string[] {
  return [
    ...acknowledgedAreThere(lines, said),
    ...noneTwice(lines, said),
    ...orderKept(said),
    ...positionsAscend(lines),
  ];
}

function* acknowledgedAreThere(lines: readonly Line[], said: readonly Said[]): Iterable<string> {
  const at = new Map(lines.map(line => [line[0], line]));
  for (const { id, method, params, answer, refusal } of said) {
    const name = `${method} ${params.text ?? id}`;
    if (answer === undefined) {
      yield `${name} ended in ${refusal ?? 'nothing'}`;
      continue;
    }
    const [, , event, reason] = at.get(Number(answer.position)) ?? [];
    if (event?.id !== id) yield `${name} is not at ${answer.position}, where it was acknowledged`;
    else if (event.text !== params.text) yield `${name} reads ${event.text} in the log`;
    if ((answer.verdict === 'applied') !== (reason === undefined)) {
      yield `${name} was told ${answer.verdict}, the log says ${reason ?? 'applied'}`;
    }
  }
}

function* noneTwice(lines: readonly Line[], said: readonly Said[]): Iterable<string> {
  const count = new Map<unknown, number>();
  for (const [, , event, reason] of lines) {
    if (reason !== 'duplicate') count.set(event.id, (count.get(event.id) ?? 0) + 1);
  }
  for (const { id, method } of said) {
    if (count.get(id) !== 1) yield `${method} ${id} counts ${count.get(id) ?? 0} times in the log`;
  }
}

/** Told before sent is before in the log; so is sent before sent on one connection. */
function* orderKept(said: readonly Said[]): Iterable<string> {
  const last = new Map<string, Said>();
  for (const one of said) {
    const position = Number(one.answer?.position);
    if (position <= one.toldBefore) {
      yield `${one.id} stands at ${position}, though ${one.toldBefore} was told before it was sent`;
    }
    if (one.isResent) continue;
    const before = last.get(one.connection);
    if (before !== undefined && Number(before.answer?.position) >= position) {
      yield `${one.connection}: command ${before.turn} overtook command ${one.turn}`;
    }
    last.set(one.connection, one);
  }
}

function* positionsAscend(lines: readonly Line[]): Iterable<string> {
  for (const [i, [position]] of lines.entries()) {
    const before = lines[i - 1]?.[0] ?? -1;
    if (position <= before) yield `position ${position} comes after ${before}`;
  }
}
