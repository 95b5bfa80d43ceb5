// The package as it would be published: packed from a clone, and used with its dependencies only.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { lineFrom } from '../cli/shell.js';
import { tempDir } from '../dsl/nats.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

type Target = string | { [condition: string]: Target };

interface Manifest {
  version: string;
  exports: Record<string, Target>;
  dependencies: Record<string, string>;
  bin: { signalbox: string };
  scripts?: unknown;
}

/** What git would clone and a pack needs, in a folder with a blank in its name. */
async function cloneLike(t: Test): Promise<string> {
  const clone = join(await tempDir(t), 'a clone');
  await mkdir(clone);
  const rooms = ['schemas', 'broker', 'client', '.ci'];
  const papers = (await readdir(root)).filter(name => /^[A-Z]+(\.md)?$/.test(name));
  const settings = ['package.json', 'tsconfig.json', 'tsconfig.product.json'];
  for (const name of [...rooms, ...papers, ...settings]) {
    await cp(join(root, name), join(clone, name), { recursive: true });
  }
  // What an earlier build left is not to be published.
  await mkdir(join(clone, 'build/broker'), { recursive: true });
  await cp(join(root, 'LICENSE'), join(clone, 'build/broker/gone.js'));
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}

async function pack(clone: string): Promise<{ tarball: string; files: string[] }> {
  const env = { ...process.env, npm_config_cache: join(clone, '../cache') };
  const { stdout } = await run('npm', ['pack', '--json', '--offline'], { cwd: clone, env });
  const [packed] = JSON.parse(stdout);
  const files = packed.files.map(({ path }: { path: string }) => path);
  return { tarball: join(clone, packed.filename), files };
}

/** A project that depends on the package: beside it there is nothing but its dependencies. */
async function projectWith(t: Test, tarball: string): Promise<string> {
  const project = await tempDir(t);
  const home = join(project, 'node_modules/signalbox');
  await mkdir(home, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', home]);
  const { dependencies } = await manifestIn(home);
  for (const name of Object.keys(dependencies)) {
    const place = join(project, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(root, 'node_modules', name), place);
  }
  return project;
}

async function manifestIn(dir: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
}

const clone = await cloneLike(t);
const { tarball, files } = await pack(clone);
const project = await projectWith(t, tarball);
const home = join(project, 'node_modules/signalbox');

t.test('installing the package runs nothing', async t => {
  const manifest = await manifestIn(home);
  t.equal(manifest.scripts, undefined);
  t.notOk(files.includes('binding.gyp'), 'npm would run a compiler for it');
  const text = (dir: string) => readFile(join(dir, 'package.json'), 'utf8');
  t.equal(await text(clone), await text(root), 'the manifest of the clone is as it was');
});

t.test('it holds the product and no more', async t => {
  const papers = /^(package\.json|LICENSE|[A-Z]+\.md)$/;
  const product = /^build\/(broker|client|schemas)\/.+(\.d\.ts|\.c?js|\.c?js\.map)$/;
  const page = /^build\/client\/page\/(index\.html|page\.css|page\.js|icon\.svg)$/;
  const workspace = /^build\/client\/workspace\/(templates|skills)\/([\w.-]+\/)*[\w.-]+\.md$/;
  const notices = /^build\/client\/bundle\/LICENSES\.txt$/;
  const known = [papers, product, page, workspace, notices];
  const strange = files.filter(path => !known.some(pattern => pattern.test(path)));
  t.strictSame(strange, []);
  t.notOk(files.includes('build/broker/gone.js'), 'nothing of an earlier build');
  t.ok(files.includes('build/client/page/index.html'), 'the page is there');
  t.ok(files.includes('build/client/workspace/templates/AGENTS.md'), 'so is a workspace');
});

t.test('every paper that the README links to is in it', async t => {
  const readme = await readFile(join(home, 'README.md'), 'utf8');
  const links = readme.matchAll(/\]\((\w+(?:\.md)?)(?:#[\w-]+)?\)/g);
  const papers = [...links].map(([, path = '']) => path);
  t.ok(papers.includes('REFERENCE.md'));
  for (const path of papers) t.ok(files.includes(path), path);
});

t.test('what it exports is there, its types first', async t => {
  const manifest = await manifestIn(home);
  for (const [name, target] of Object.entries(manifest.exports)) {
    for (const { types, paths } of waysTo(target)) {
      if (typeof target !== 'string') t.equal(types, 'types', name);
      for (const path of paths) t.ok(files.includes(path.replace('./', '')), `${name}: ${path}`);
    }
  }
});

/** What each environment is given: its first condition, and its files. */
function waysTo(target: Target): { types: string | undefined; paths: string[] }[] {
  if (typeof target === 'string') return [{ types: undefined, paths: [target] }];
  const own = Object.entries(target).filter(([, to]) => typeof to === 'string');
  const nested = Object.values(target).filter(to => typeof to !== 'string');
  const paths = own.map(([, path]) => String(path));
  return [{ types: own[0]?.[0], paths }, ...nested.flatMap(waysTo)];
}

t.test('a page written in TypeScript is given the door for pages', async t => {
  await writeFile(
    join(project, 'page.ts'),
    "import { connect, keepIn } from 'signalbox';\n" +
      "void connect({ url: 'http://h:7117', code: 'c', keep: keepIn(sessionStorage) });\n",
  );
  const options = '--noEmit --strict --skipLibCheck --types node --lib es2023,dom --target es2022';
  const resolving = '--module esnext --moduleResolution bundler --customConditions browser';
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const roots = ['--typeRoots', join(root, 'node_modules/@types')];
  const args = [tsc, ...`${options} ${resolving}`.split(' '), ...roots, 'page.ts'];
  await t.resolves(run(process.execPath, args, { cwd: project }));
});

t.test('its source maps hold their sources', async t => {
  for (const path of files.filter(path => path.endsWith('.map'))) {
    const map = JSON.parse(await readFile(join(home, path), 'utf8'));
    const isWhole = map.sourcesContent?.length === map.sources.length;
    if (!isWhole) t.fail(`${path} lacks its sources`);
  }
});

t.test('a program imports it with its dependencies only', async t => {
  const script = `
    const [sdk, schemas, broker] = await Promise.all(
      ['signalbox', 'signalbox/schemas', 'signalbox/broker'].map(name => import(name)));
    console.log(typeof sdk.connect, typeof schemas.methods, typeof broker.start);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: project,
  });
  t.equal(stdout, 'function object function\n');
});

t.test('what it bundles is few files, with the licence of each package beside them', async t => {
  const bundled = files.filter(path => /^build\/client\/bundle\/.*\.c?js$/.test(path));
  t.ok(bundled.length < 30, `${bundled.length} files`);
  const notices = await readFile(join(home, 'build/client/bundle/LICENSES.txt'), 'utf8');
  const titles = notices.matchAll(/^(\S+) \d+\.\d+\.\d+\S* \(/gm);
  const named = new Set([...titles].map(([, name]) => name));
  const { dependencies } = await manifestIn(home);
  const strange = Object.keys(dependencies).filter(name => !named.has(name));
  t.same(strange, ['libsql'], 'which is native, and stays where it is');
});

t.test('a fault is shown where it stands in the source', async t => {
  const program = join(home, (await manifestIn(home)).bin.signalbox);
  const env = { ...process.env, SIGNALBOX_LOG: 'debug' };
  const told = await run(process.execPath, [program, 'peers', '--url', 'x'], { env }).catch(e => e);
  t.match(told.stderr, /client\/cli\/reach\/endpoint\.ts:\d+/);
});

t.test('its command says its version, and starts the broker', async t => {
  const manifest = await manifestIn(home);
  const program = join(home, manifest.bin.signalbox);
  const { stdout } = await run(process.execPath, [program, '--version'], { cwd: project });
  t.equal(stdout.trim(), manifest.version);
  const up = spawn(process.execPath, [program, 'up', '--port', '0', '--json'], {
    cwd: project,
    env: { ...process.env, XDG_DATA_HOME: project, XDG_STATE_HOME: project },
  });
  const ready = JSON.parse(await lineFrom(up, 'stdout', /^\{/));
  t.equal((await fetch(`${ready.url}/readyz`)).status, 200);
  const page = await fetch(ready.url);
  t.match(await page.text(), /<html/, 'with its page');
  const place = ['--url', ready.url, '--token-file', ready.token_file];
  const found = await run(process.execPath, [program, 'search', 'all', '--json', ...place]);
  t.match(JSON.parse(found.stdout), { rows: [] }, 'with its index, which a thread keeps');
  const ended = once(up, 'exit');
  up.kill('SIGTERM');
  t.strictSame(await ended, [0, null]);
});
