// Bundles the command line, and the broker that `up` loads, into few files: a start then opens a
// handful of files instead of hundreds. The compiled entry of the command line leads to them.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const entry = 'build/client/cli/main.js';
/** As deep as the entry, so that what lies relative to it (page, manifest) is found from here. */
const chunks = 'client/bundle';
const outdir = join('build', chunks);

/** Packages that few calls need, each loaded when something of it is first used. */
const rare = ['string-width', 'wrap-ansi', 'ws', 'msgpackr', 'zod', 'mcp', 'yaml'];
/** The doors of one package share its classes, so they are one file. */
const doors = {
  '@modelcontextprotocol/server': 'mcp',
  '@modelcontextprotocol/server/stdio': 'mcp',
};
/** What some verbs load by `import()`, with the threads that are found beside it. */
const later = [
  'broker/main.ts',
  'broker/timeline/worker.ts',
  'broker/timeline/index/store/check-thread.ts',
  'client/terminal/wrong-value.ts',
  'client/workspace/session-block.ts',
  'schemas/view.ts',
];
const nameOf = path => (path === 'broker/main.ts' ? 'broker' : basename(path, '.ts'));

/** Bundles in the place of what was compiled: the thread of a broker that a program imports, and
 * what tests start over and over as a process, where tests are built. */
const inPlace = ['broker/timeline/worker', 'test/chaos/broker-host'].filter(path =>
  existsSync(join('build', `${path}.js`)),
);

/** One object made of several by spreading takes as long as a third of a call: it is written out. */
const { limits } = await import('../build/schemas/limits.js');
const flatLimits = {
  name: 'flat-limits',
  setup({ onLoad }) {
    const contents = `export const limits = ${JSON.stringify(limits)};`;
    onLoad({ filter: /schemas.limits\.ts$/ }, () => ({ contents }));
  },
};

const common = {
  outdir,
  plugins: [flatLimits],
  bundle: true,
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  // An error that nobody caught is shown with its line.
  lineLimit: 200,
  legalComments: 'none',
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
};

/** One file in the older format of modules: the loader of the newer takes as long as half a call. */
const cli = {
  // Its other build is one that no bundler can read.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  ...common,
  entryPoints: [
    { in: 'client/cli/main.ts', out: 'cli' },
    { in: 'client/cli/hook/main.ts', out: 'hook' },
  ],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  write: false,
  // A module, of Node or of a rare package, is loaded once something of it is used. What is run as
  // kept code has no `import()` of its own.
  banner: {
    js: `const loader=module.loader??(name=>import(name));const import_meta={get url(){return require('node:url').pathToFileURL(__filename).href}};
require=(load=>name=>new Proxy(()=>{},{get:(_,key)=>key==='__esModule'?undefined:load(name)[key],
apply:(_,self,given)=>load(name)(...given)}))(require);`,
  },
  define: { 'import.meta.url': 'import_meta.url' },
  plugins: [
    flatLimits,
    {
      name: 'elsewhere',
      setup({ onResolve }) {
        onResolve({ filter: /^[^.]/ }, ({ path }) => {
          const name = doors[path] ?? path;
          return rare.includes(name) ? { path: `./${name}.cjs`, external: true } : undefined;
        });
        onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
          if (kind !== 'dynamic-import') return undefined;
          const file = resolve(resolveDir, path).replace(/\.js$/, '.ts');
          const known = later.find(each => resolve(each) === file);
          return known && { path: `./${nameOf(known)}.js`, external: true };
        });
      },
    },
  ],
};

/** `require` of a package whose one export is a function is that function. */
const packages = {
  ...common,
  plugins: [
    {
      name: 'doors',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^mcp$/ }, ({ path }) => ({ path, namespace: 'doors' }));
        const all = Object.keys(doors).map(path => `export * from '${path}';`);
        onLoad({ filter: /./, namespace: 'doors' }, () => {
          return { contents: all.join('\n'), resolveDir: '.' };
        });
        // One zod, whoever uses it.
        onResolve({ filter: /^zod/ }, ({ kind }) => {
          return kind === 'entry-point' ? undefined : { path: './zod.cjs', external: true };
        });
      },
    },
  ],
  entryPoints: rare,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  external: ['bufferutil', 'utf-8-validate', 'msgpackr-extract'],
  footer: {
    js: "if(Object.keys(module.exports).join()==='default')module.exports=module.exports.default;",
  },
};

const broker = {
  ...common,
  entryPoints: [
    ...later.map(path => ({ in: path, out: join(chunks, nameOf(path)) })),
    ...inPlace.map(out => ({ in: `${out}.ts`, out })),
  ],
  outdir: 'build',
  chunkNames: `${chunks}/[name]-[hash]`,
  format: 'esm',
  splitting: true,
  // A host guards no directory of its own: whoever starts it does.
  logOverride: { 'ignored-bare-import': 'silent' },
  // A native library, and two that ws takes only where somebody installed them.
  external: ['libsql', 'bufferutil', 'utf-8-validate'],
  // Packages in the older format ask for modules of Node when they are run.
  banner: {
    js: "import{createRequire as require_}from'node:module';const require=require_(import.meta.url);",
  },
};

/** The plugin that setup puts among those of OpenCode: one file that needs no other. */
const plugin = {
  ...common,
  entryPoints: [{ in: 'client/cli/opencode/plugin.ts', out: 'opencode' }],
  format: 'esm',
  minifyWhitespace: false,
  sourcemap: false,
  plugins: [
    {
      name: 'without a command line',
      setup({ onLoad }) {
        // Neither flags nor what is wrong with them is ever told to a person here.
        const flags = 'export const wrongValue = () => undefined;';
        onLoad({ filter: /wrong-value\.ts$/ }, () => ({ contents: flags }));
        const parser = 'export class CommanderError extends Error {}';
        onLoad({ filter: /commander\/esm\.mjs$/ }, () => ({ contents: parser }));
      },
    },
  ],
};

rmSync(outdir, { recursive: true, force: true });
const built = await Promise.all([cli, packages, broker, plugin].map(build));

for (const { path, text } of built[0].outputFiles) {
  writeFileSync(path, text.replaceAll(/\bimport\((?="\.\/)/g, 'loader('));
}
const start = join(outdir, 'start.cjs');
writeFileSync(start, readFileSync('.ci/start.cjs'));
writeFileSync(
  entry,
  `#!/usr/bin/env node
// Written by .ci/bundle.mjs: leads to the bundle of the command line.
process.getBuiltinModule('node:module').createRequire(import.meta.url)('../bundle/start.cjs');
`,
);
for (const file of [entry, start]) chmodSync(file, 0o755);
for (const program of ['cli', 'hook']) {
  execFileSync(process.execPath, ['.ci/compile.mjs', program, start], { stdio: 'inherit' });
}

// What is bundled is given away, and so is its licence.
const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const homes = inputs.flatMap(path => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
const notices = [...new Set(homes)].sort().map(dir => {
  const { name, version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const file = readdirSync(dir).find(name => /^licen[cs]e/i.test(name));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(dir, file), 'utf8').trim()}`;
  return `${name} ${version} (${license})${text}`;
});
writeFileSync(join(outdir, 'LICENSES.txt'), `${notices.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`);
