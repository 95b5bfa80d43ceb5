// The scenes of the table: what happens around a message on its last hop, to a session of any kind.
import { FAULT_FILE, type Fault } from '../kit/faulty-hook.js';
import type { Abilities } from '../programs/program.js';
import { ERRAND } from './record.js';
import type { Scene } from './scene.js';

/** A row of a runtime in the table. */
export interface ScenePlan {
  title: string;
  /** What the runtime must be able to do. */
  needs?: keyof Abilities;
  /** True where nobody can know whether the model saw it, so that it may come again, marked. */
  mayRepeat?: true;
  play(scene: Scene): Promise<void>;
}

/** While the model thinks, letters come; its next tool then ends, and hooks hand them over. */
function sending(scene: Scene, more: () => unknown = () => {}) {
  return async () => {
    await scene.send();
    await more();
    return scene.work;
  };
}

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

/** A hook meets a fault as it writes the mail. */
function faulty(title: string, fault: Fault, more: { mayRepeat?: true } = {}): ScenePlan {
  return {
    title,
    needs: 'commandHooks',
    ...more,
    async play(scene) {
      const { box, program } = scene.house;
      box.wireFaulty();
      program.limitHooks?.(box, 4);
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

/** What only another hook of the user's can do: refuse a prompt whose mail was handed over. */
const rival: ScenePlan = {
  title: 'another hook refuses the prompt',
  needs: 'commandHooks',
  // What was said at the start of a refused run may stand in what is resumed, or not.
  mayRepeat: true,
  async play(scene) {
    const { box, program } = scene.house;
    scene.asksThen('bye');
    await scene.run('go');
    await scene.send();
    // Slower than ours, so that ours has written; once.
    const flag = box.at('refuse');
    box.write('refuse', '');
    const script = `test -e ${flag} && sleep 1 && rm ${flag} && echo no >&2 && exit 2; exit 0`;
    box.write('rival.sh', script);
    program.addHook?.(box, program.promptEvent, `sh ${box.at('rival.sh')}`);
    await scene.run('refused', true);
    scene.plays(scene.work, 'done');
    await scene.run('go on', true);
  },
};

const twins: ScenePlan = {
  title: 'each hook entered twice',
  needs: 'commandHooks',
  async play(scene) {
    const { box, program } = scene.house;
    for (const event of program.events) {
      program.addHook?.(box, event, `signalbox hook ${program.name} --shell`);
    }
    scene.asksThen(sending(scene), scene.work, 'done');
    await scene.run('go');
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
  faulty('hook killed before it writes', 'killed before'),
  // Some runtimes take what a killed hook has written, some do not.
  faulty('hook killed after it wrote', 'killed after', { mayRepeat: true }),
  faulty('hook slower than its time-out', 'slow before'),
  faulty('hook that wrote, slower than its time-out', 'slow after'),
  rival,
  twins,
];
