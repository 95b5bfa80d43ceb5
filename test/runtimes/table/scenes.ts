// The scenes of the table: what happens around a message on its last hop, to a session of any kind.
import { hookScenes } from './hook-scenes.js';
import { ERRAND } from './record.js';
import { type ScenePlan, sending } from './scene-plan.js';

const busy: ScenePlan = {
  title: 'busy',
  async play(scene) {
    scene.asksThen(sending(scene), scene.work, 'done');
    await scene.run('go');
  },
};

const offline: ScenePlan = {
  title: 'offline, then resumed',
  async play(scene) {
    scene.asksThen('bye');
    await scene.run('go');
    await scene.send();
    scene.plays(scene.work, 'done');
    await scene.run('go on', true);
  },
};

const idle: ScenePlan = {
  title: 'idle',
  needs: 'terminal',
  async play(scene) {
    scene.asksThen('resting');
    await scene.inTerminal(async terminal => {
      await terminal.type('go');
      await scene.rests(2);
      await scene.send();
      scene.plays(scene.work, 'done');
      // Who can be woken is left alone; else the next words of a person do it.
      if (!scene.house.program.abilities.wakes) await terminal.type('go on');
      await scene.showsAll();
      await scene.rests(3);
    });
  },
};

const brokerKilled: ScenePlan = {
  title: 'broker killed and back before the hook',
  async play(scene) {
    const { house } = scene;
    const again = async () => {
      await house.kill();
      await house.up();
    };
    scene.asksThen(sending(scene, again), scene.work, 'done');
    await scene.run('go');
  },
};

const brokerAway: ScenePlan = {
  title: 'broker killed, back a step later',
  async play(scene) {
    const { house } = scene;
    const back = async () => {
      await house.up();
      return scene.work;
    };
    scene.asksThen(
      sending(scene, () => house.kill()),
      back,
      scene.work,
      'done',
    );
    await scene.run('go');
  },
};

const subagent: ScenePlan = {
  title: 'a subagent runs',
  needs: 'delegates',
  async play(scene) {
    const errand = scene.house.program.errand?.(ERRAND);
    if (errand === undefined) throw new Error('no subagents here');
    scene.errands(sending(scene));
    scene.asksThen(errand, scene.work, scene.work, 'done');
    await scene.run('go');
  },
};

const inboxBeside: ScenePlan = {
  title: 'tool inbox and hook at once',
  async play(scene) {
    const { program } = scene.house;
    const both = async () => {
      await scene.send();
      return [program.tool('inbox', {}), scene.work];
    };
    // Where the session is not told to MCP servers, a later call of a tool proves what they showed.
    scene.asksThen(both, program.tool('whoami', {}), 'done');
    await scene.run('go');
  },
};

const inboxTwice: ScenePlan = {
  title: 'two of our tools in one step',
  async play(scene) {
    const { program } = scene.house;
    const two = async () => {
      await scene.send();
      return [program.tool('inbox', {}), program.tool('whoami', {})];
    };
    scene.asksThen(two, program.tool('whoami', {}), 'done');
    await scene.run('go');
  },
};

/** A session in a terminal that takes a command of its own between two prompts. */
function commanded(title: string, command: string): ScenePlan {
  return {
    title,
    needs: 'terminal',
    async play(scene) {
      scene.asksThen(sending(scene), 'done');
      await scene.inTerminal(async terminal => {
        await terminal.type('go');
        await scene.rests(3);
        await terminal.type(command);
        await scene.settles();
        const before = scene.turns.length;
        await terminal.type('go on');
        await scene.rests(before + 1);
      });
    },
  };
}

const interrupted: ScenePlan = {
  title: 'interrupted as the model reads the mail',
  needs: 'terminal',
  mayRepeat: true,
  async play(scene) {
    await scene.inTerminal(async terminal => {
      let goOn = () => {};
      const isStopped = new Promise<void>(resolve => {
        goOn = resolve;
      });
      scene.asksThen(sending(scene), () => isStopped.then(() => 'too late'), scene.work, 'done');
      await terminal.type('go');
      await scene.showsAll();
      await scene.settles();
      terminal.press('Escape');
      await terminal.sees(/interrupted|cancelled/i);
      goOn();
      const before = scene.turns.length;
      await terminal.type('go on');
      await scene.rests(before + 2);
    });
  },
};

const failing: ScenePlan = {
  title: 'the request with the mail fails',
  mayRepeat: true,
  async play(scene) {
    scene.asksThen(sending(scene), { status: 400 });
    await scene.run('go');
    scene.plays(scene.work, 'done');
    await scene.run('go on', true);
  },
};

const runtimeKilled: ScenePlan = {
  title: 'runtime killed as the model reads the mail',
  mayRepeat: true,
  async play(scene) {
    const run = scene.starts('go');
    const kill = async () => {
      run.kill();
      return 'too late';
    };
    scene.asksThen(sending(scene), kill);
    await run.ended;
    scene.plays(scene.work, 'done');
    await scene.run('go on', true);
  },
};

/** All rows of a runtime; those that change its settings for good come last. */
export const scenes: readonly ScenePlan[] = [
  busy,
  idle,
  offline,
  brokerKilled,
  brokerAway,
  subagent,
  inboxBeside,
  inboxTwice,
  commanded('cleared', '/clear'),
  commanded('compacted', '/compact'),
  interrupted,
  failing,
  runtimeKilled,
  ...hookScenes,
];
