// The README part "With your agents", typed word for word with the real programs that are cached.
import t from 'tap';
import { findProgram } from './kit/install.js';
import { hasTmux } from './kit/terminal.js';
import { agentsOfReadme, playReadme } from './readme/tour.js';

/** A hook gives up after 1.5 s by its own rule: a machine so loaded is asked again. */
const PLAYS = 4;

const commands = new Map(agentsOfReadme.map(each => [each, findProgram(each) ?? []]));
const lacks = agentsOfReadme.filter(each => commands.get(each)?.length === 0);

if (lacks.length > 0 || !hasTmux()) {
  const what = lacks.length > 0 ? lacks.map(({ name }) => name).join(' and ') : 'tmux';
  t.plan(0, `no ${what} here; npm run runtimes fetches the programs and plays it`);
} else {
  t.test('what the README says to two agents is what their models are shown, once', async t => {
    let faults = await playReadme(commands);
    for (let more = 1; more < PLAYS && faults.length > 0; more++) {
      t.comment(faults.join('\n'));
      faults = await playReadme(commands);
    }
    t.same(faults, []);
  });
}
