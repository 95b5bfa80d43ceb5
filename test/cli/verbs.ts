// Every verb of the program as it stands, with arguments to call each with: later ones included.
import type { Command } from 'commander';
import { makeProgram } from '../../client/cli/program.js';

export interface Leaf {
  /** As it is typed: `job create`. */
  name: string;
  command: Command;
  /** Values for its required arguments. */
  args: string[];
}

/** Those that start, stop or change a broker, which a test of all verbs leaves alone. */
const OF_THE_BROKER = new Set([
  ...['up', 'down', 'demo', 'log accept-loss', 'replay', 'help'],
  // Where systemd runs, the service of whoever runs the tests.
  ...['service install', 'service uninstall'],
]);

/** What an argument of this name is given. */
const GIVEN: Readonly<Record<string, string>> = {
  to: 'api',
  peer: 'api',
  ask: 'abc123',
  job: 'abc123',
  group: 'abc123',
  message: 'abc123',
  schedule: 'abc123',
  watch: 'abc123',
  id: 'abc123',
  state: 'idle',
  time: '2h',
  when: '2h',
  what: 'peers',
  words: 'merge',
  rule: '@daily',
  url: 'https://github.com/acme/web/pull/7',
  token: 'ci',
  name: 'ada',
  title: 'mend it',
  shell: 'bash',
  text: 'some words',
};

/** The verbs that a user has, each ready to be called. */
export function leaves(): Leaf[] {
  const nobody = { ...process, env: {}, userName: '', directory: '/' } as never;
  return under(makeProgram(nobody), []).filter(({ name }) => !OF_THE_BROKER.has(name));
}

function under(command: Command, path: readonly string[]): Leaf[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap(each => under(each, [...path, each.name()]));
  }
  const wanted = command.registeredArguments.filter(
    argument => argument.required || argument.name() === 'text',
  );
  const args = wanted.map(argument => GIVEN[argument.name()] ?? 'something');
  const name = path.join(' ');
  // What would go on for ever is called so that it ends.
  return [{ name, command, args: name === 'tail' ? ['--no-follow'] : args }];
}
