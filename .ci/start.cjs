#!/usr/bin/env node
// Starts the bundle of the command line, or that of the hooks for `hook <runtime>`, from code that
// was compiled when it was built, where this is the Node that built it; a newer one keeps such code
// itself. Compiling takes a fifth of a call.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const isMaking = process.argv[2] === '--compile';
if (isMaking) process.argv.splice(2, 1);
const isHook = process.argv[2] === 'hook' && /^[a-z]/.test(process.argv[3] ?? '');
if (isHook) process.argv.splice(2, 1);
const program = isHook ? 'hook' : 'cli';

const filename = `${__dirname}/${program}.cjs`;
const isDebug = process.env.SIGNALBOX_LOG === 'debug';
if (isDebug) process.setSourceMapsEnabled(true);
const code = `${__dirname}/${program}-${process.version}-${process.arch}.code`;

if (isMaking || (!isDebug && existsSync(code))) {
  const [, source] = readFileSync(filename, 'latin1').match(/^#![^\n]*(\n.*)$/s);
  const wrapped = `(function(exports,require,module,__filename,__dirname){${source}\n})`;
  const script = new Script(wrapped, {
    filename,
    ...(!isMaking && { cachedData: readFileSync(code) }),
  });
  // By then the functions that a call runs through are compiled, and no others.
  if (isMaking) process.on('exit', () => writeFileSync(code, script.createCachedData()));
  const run = script.runInThisContext();
  const module = { exports: {}, loader: name => import(name) };
  run(module.exports, require, module, filename, __dirname);
} else {
  require('node:module').enableCompileCache?.();
  require(filename);
}
