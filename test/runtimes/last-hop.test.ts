// A sample of the last-hop table (`npm run runtimes`), with a real agent program that is cached.
import t from 'tap';
import { House } from './kit/house.js';
import { findProgram } from './kit/install.js';
import { programs } from './programs/all.js';
import { scenes } from './table/scenes.js';
import { isRight, playOne, type Row } from './table/table.js';

/** A hook gives up after 1.5 s by its own rule: a machine so loaded is asked again. */
const PLAYS = 5;

const cached = programs
  .map(program => ({ program, command: findProgram(program) }))
  .find(({ command }) => command !== undefined);

if (cached?.command === undefined) {
  t.plan(0, 'no agent program is cached; npm run runtimes fetches them and plays all');
} else {
  const { program, command } = cached;
  t.test(`${program.name}: mail is before the model once, in order, and then seen`, async t => {
    const house = await House.open(program, command);
    t.teardown(() => house.close());
    const busy = scenes.find(({ title }) => title === 'busy')!;
    let row: Row = await playOne(house, busy);
    for (let more = 1; more < PLAYS && !isRight(row); more++) row = await playOne(house, busy);
    t.ok(isRight(row), JSON.stringify(row, null, 2));
    t.same([...house.model.faults], []);
  });
}
