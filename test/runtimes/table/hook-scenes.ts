// The scenes of hooks that fail, are there twice, or stand beside hooks of somebody else.
import { FAULT_FILE, type Fault } from '../kit/faulty-hook.js';
import { type ScenePlan, sending } from './scene-plan.js';

/** A hook meets a fault as it writes the mail. */
function faulty(title: string, fault: Fault, more: { mayRepeat?: true } = {}): ScenePlan {
  return {
    title,
    needs: 'commandHooks',
    ...more,
    async play(scene) {
      const { box } = scene.house;
      box.wireFaulty();
      scene.house.limitHooks(4);
      try {
        const meets = () => box.write(`home/${FAULT_FILE}`, fault);
        scene.asksThen(sending(scene, meets), scene.work, scene.work, 'done');
        await scene.run('go');
      } finally {
        box.wire();
      }
    },
  };
}

/** What only another hook of the user's can do: refuse a prompt whose mail was handed over. */
const rival: ScenePlan = {
  title: 'another hook refuses the prompt',
  needs: 'commandHooks',
  // What was said at the start of a refused run may stand in what is resumed, or not.
  mayRepeat: true,
  async play(scene) {
    const { house } = scene;
    const { box, program } = house;
    scene.asksThen('bye');
    await scene.run('go');
    await scene.send();
    // Slower than ours, so that ours has written; once.
    const flag = box.at('refuse');
    box.write('refuse', '');
    const script = `test -e ${flag} && sleep 1 && rm ${flag} && echo no >&2 && exit 2; exit 0`;
    box.write('rival.sh', script);
    house.addHook(program.promptEvent, `sh ${box.at('rival.sh')}`);
    await scene.run('refused', true);
    scene.plays(scene.work, 'done');
    await scene.run('go on', true);
  },
};

/** What only another hook of the user's can do: end the turn whose next request had our mail. */
function ender(title: string, isLast: boolean): ScenePlan {
  return {
    title,
    needs: 'commandHooks',
    mayRepeat: true,
    async play(scene) {
      const { house } = scene;
      const { box, program } = house;
      const flag = box.at('end-it');
      const word = '{"continue":false,"stopReason":"enough"}';
      const script = `test -e ${flag} && sleep 1 && rm ${flag} && echo '${word}'; exit 0`;
      box.write('ender.sh', script);
      house.addHook(program.events.at(isLast ? -1 : -2)!, `sh ${box.at('ender.sh')}`);
      const ends = () => box.write('end-it', '');
      const isOver = async () => {
        await scene.send();
        ends();
        return 'done';
      };
      scene.asksThen(isLast ? isOver : sending(scene, ends));
      await scene.run('go');
      scene.plays(scene.work, 'done');
      await scene.run('go on', true);
    },
  };
}

const twins: ScenePlan = {
  title: 'each hook entered twice',
  needs: 'commandHooks',
  async play(scene) {
    const { house } = scene;
    const { program } = house;
    for (const event of program.events) {
      house.addHook(event, `signalbox hook ${program.name} --shell`);
    }
    scene.asksThen(sending(scene), scene.work, 'done');
    await scene.run('go');
  },
};

/** They change the settings for good. */
export const hookScenes: readonly ScenePlan[] = [
  faulty('hook killed before it writes', 'killed before'),
  // Some runtimes take what a killed hook has written, some do not.
  faulty('hook killed after it wrote', 'killed after', { mayRepeat: true }),
  faulty('hook slower than its time-out', 'slow before'),
  faulty('hook that wrote, slower than its time-out', 'slow after'),
  rival,
  ender('another hook ends the turn after a tool', false),
  ender('another hook ends the turn at its stop', true),
  twins,
];
