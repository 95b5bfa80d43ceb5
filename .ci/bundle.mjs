// Bundles the command line, and the broker that `up` loads, into few files beside what the compiler
// wrote: a start then opens a handful of files instead of hundreds.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const outdir = 'build';
const chunks = 'client/bundle';
// What tests start over and over as a process, where tests are built.
const hosts = ['test/chaos/broker-host'].filter(path => existsSync(join(outdir, `${path}.js`)));

rmSync(join(outdir, chunks), { recursive: true, force: true });
const { metafile } = await build({
  // The entry takes the place of the compiled one; threads lie beside the chunks that start them,
  // and every file as deep as the entry, so that what is found relative to it is found from all.
  // The thread of a broker that a program imports takes the place of the compiled one as well.
  entryPoints: [
    ...['client/cli/main', 'broker/timeline/worker', ...hosts].map(out => ({ in: `${out}.ts`, out })),
    { in: 'broker/timeline/worker.ts', out: `${chunks}/worker` },
    { in: 'broker/timeline/index/store/check-thread.ts', out: `${chunks}/check-thread` },
  ],
  outdir,
  chunkNames: `${chunks}/[name]-[hash]`,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // A native library, and two that ws takes only where somebody installed them.
  external: ['libsql', 'bufferutil', 'utf-8-validate'],
  // Packages in the older format ask for modules of Node when they are run.
  banner: {
    js: "import{createRequire as require_}from'node:module';const require=require_(import.meta.url);",
  },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
  // A host guards no directory of its own: whoever starts it does.
  logOverride: { 'ignored-bare-import': 'silent' },
});

const packages = new Set(
  Object.keys(metafile.inputs).flatMap(path => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []),
);
const notices = [...packages].sort().map(dir => {
  const { name, version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const file = readdirSync(dir).find(name => /^licen[cs]e/i.test(name));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(dir, file), 'utf8').trim()}`;
  return `${name} ${version} (${license})${text}`;
});
writeFileSync(join(outdir, chunks, 'LICENSES.txt'), `${notices.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`);
