// Proves that a program built for one verb is, for that verb, the whole program: help and parsing.
import type { Command } from 'commander';
import t from 'tap';
import { makeProgram } from '../../client/cli/program.js';
import { surroundings } from '../../client/cli/reach/surroundings.js';

const world = surroundings();
const whole = makeProgram(world);

/** As it is shown, examples included. */
function helpOf(command: Command): string {
  let shown = '';
  command.configureOutput({ writeOut: text => (shown += text) });
  command.outputHelp();
  return shown;
}

/** Of a verb and of all below it, by their names. */
function helpsOf(command: Command): Record<string, string> {
  const below = command.commands.map(helpsOf);
  return Object.assign({ [command.name()]: helpOf(command) }, ...below);
}

t.test('the help of each verb and of all below it is that of the whole program', async t => {
  t.ok(whole.commands.length > 30);
  for (const verb of whole.commands) {
    const name = verb.name();
    const alone = makeProgram(world, [name]).commands.find(each => each.name() === name);
    t.same(alone && helpsOf(alone), helpsOf(verb), name);
  }
});

t.test('a verb is found behind options of the program, and their values', async t => {
  const before = [
    [],
    ['--json'],
    ['--mesh', 'peers'],
    ['--as=inbox'],
    ['--url', 'tail', '--jsonl'],
  ];
  for (const words of before) {
    const { commands } = makeProgram(world, [...words, 'whoami', 'peers']);
    t.same(
      commands.map(command => command.name()),
      ['whoami'],
      words.join(' '),
    );
  }
});

t.test('where no verb is named, or none of ours, the program is whole', async t => {
  const names = whole.commands.map(command => command.name());
  for (const words of [[], ['--help'], ['help', 'ask'], ['pears'], ['toString'], ['--', 'x']]) {
    const { commands } = makeProgram(world, words);
    t.same(
      commands.map(command => command.name()),
      names,
      words.join(' '),
    );
  }
  t.equal(helpOf(makeProgram(world, ['--help'])), helpOf(whole));
});
