// A value of the wrong type is refused as that, before any check looks closer at it.
import t from 'tap';
import { type MethodName, methodRow, methods } from '../../schemas/method.js';

const names = Object.keys(methods) as MethodName[];

/** Objects that pass for something with a length until somebody compares it. */
const traps: readonly unknown[] = [
  { length: { toString: 1 } },
  { length: { valueOf: 1, toString: 1 } },
  { length: { length: { toString: 1 } } },
  [{ length: { toString: 1 } }],
  { toString: 1, valueOf: 1, length: 5 },
  { constructor: { prototype: 1 }, length: { toString: null } },
];

function parametersOf(name: MethodName): string[] {
  const { params } = methodRow(name);
  return 'shape' in params ? Object.keys(params.shape as object) : [];
}

t.test('no parameter of any method makes a check stumble', async t => {
  for (const name of names) {
    const { params } = methodRow(name);
    for (const parameter of parametersOf(name)) {
      for (const trap of traps) {
        for (const value of [trap, { deep: trap }, [trap], { circles: trap, kinds: [trap] }]) {
          const parse = () => params.safeParse({ [parameter]: value });
          if (tried(parse)) t.fail(`${name} ${parameter}: ${JSON.stringify(value)}`);
        }
      }
    }
  }
  t.ok(names.length > 50);
});

function tried(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
