// The keys of a config file: what each stands for, what it may hold, and who may say it.
/** What a file may say, by key, as text. */
export type Values = { [Key in KeyName]?: string };

interface ConfigKey {
  /** What it stands for. */
  what: string;
  /** What it may hold, as a sentence goes on behind "has to be". */
  form: string;
  fits(text: string): boolean;
  /** Whether a project may say it: never where to send anything, nor a person's name. */
  isShared?: true;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const name = {
  form: '1-64 of a-z 0-9 . _ -, with a letter or digit first',
  fits: (text: string) => NAME.test(text),
};
const oneOf = (...words: string[]) => ({
  form: words.join(', ').replace(/, (?=[^,]+$)/, ' or '),
  fits: (text: string) => words.includes(text),
});
const isLine = (text: string) => /^\P{Cc}{1,4096}$/u.test(text);

const keys = {
  context: { what: 'the broker meant, as --context', ...name, isShared: true },
  mesh: { what: 'which of the meshes that run here, as --mesh', ...name, isShared: true },
  as: { what: 'your name, as --as; coding agents keep their own', ...name },
  circle: { what: 'the circle that is joined first', ...name, isShared: true },
  role: {
    what: 'the role in which coding agents join from here',
    ...oneOf('agent', 'orchestrator', 'service'),
    isShared: true,
  },
  board: {
    what: 'the board that is meant, as board scan --board; several with commas, the first before',
    form: 'md:PATH, backlog:PATH, folders:PATH, beads:PATH or github:OWNER/NUMBER',
    fits: isLine,
    isShared: true,
  },
  color: { what: 'whether output has colours', ...oneOf('auto', 'always', 'never') },
  host: {
    what: 'up --host',
    form: 'an address without spaces',
    fits: text => /^[^\s\p{Cc}]{1,255}$/u.test(text),
  },
  port: {
    what: 'up --port',
    form: 'a port from 0 to 65535',
    fits: text => /^\d{1,5}$/.test(text) && Number(text) < 65_536,
  },
  durability: { what: 'up --durability', ...oneOf('fsync', 'os') },
  nats: {
    what: 'up --nats',
    form: 'addresses without a password (that is what nats-creds is for)',
    fits: text => isLine(text) && !text.includes('@') && !/\s/.test(text),
  },
  'nats-creds': { what: 'up --nats-creds', form: 'the path of a file', fits: isLine },
  'allow-host': {
    what: 'up --allow-host',
    form: 'names with commas between them, as box.lan:7117',
    fits: text => isLine(text) && !/\s/.test(text),
  },
} satisfies Record<string, ConfigKey>;

/** What a key is called. */
export type KeyName = keyof typeof keys;

/** Every key, in the order in which they are shown. */
export const configKeys: Readonly<Record<KeyName, ConfigKey>> = keys;
export const keyNames = Object.keys(keys) as readonly KeyName[];

/** Whether there is a key of that name. */
export function isKey(name: string): name is KeyName {
  return Object.hasOwn(keys, name);
}

/** What is wrong with a key or its value, and what would be right; undefined when nothing is. */
export function faultOf(
  key: string,
  value: string,
  isProject: boolean,
): { message: string; hint: string } | undefined {
  if (!isKey(key)) {
    const near = nearest(key);
    const shown = JSON.stringify(key.slice(0, 64));
    const hint = near === undefined ? `there are: ${keyNames.join(' ')}` : `did you mean ${near}?`;
    return { message: `there is no key ${shown}`, hint };
  }
  const { form, fits, isShared } = configKeys[key];
  if (isProject && !isShared) {
    const own = 'say it in your own: signalbox config set';
    return { message: `${key} is not for a project to say`, hint: `${own} ${key} …` };
  }
  if (fits(value)) return undefined;
  return { message: `${key} has to be ${form}`, hint: `for example: ${key}: ${examples[key]}` };
}

const examples: Readonly<Record<KeyName, string>> = {
  context: 'prod',
  mesh: 'work',
  as: 'ada',
  circle: 'web',
  role: 'orchestrator',
  board: 'github:acme/7',
  color: 'never',
  host: '127.0.0.1',
  port: '7118',
  durability: 'fsync',
  nats: 'nats://box.lan:4222',
  'nats-creds': '/home/ada/signalbox.creds',
  'allow-host': 'box.lan:7117',
};

/** The key that was meant: two changes of a letter away at most. */
function nearest(typed: string): KeyName | undefined {
  const word = typed.slice(0, 64).toLowerCase().replaceAll('_', '-');
  const ranked = keyNames
    .map(name => ({ name, far: distance(word, name) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best !== undefined && best.far <= Math.min(2, best.name.length - 1)
    ? best.name
    : undefined;
}

/** https://en.wikipedia.org/wiki/Levenshtein_distance */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
