// Before packing, builds from nothing and takes out of the manifest what only a clone needs, so
// that installing the package runs no script; after packing, puts the manifest back.
import { execSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const manifest = 'package.json';
const kept = 'build/package.json.of-the-clone';

if (process.argv[2] === 'before') {
  for (const room of ['broker', 'client', 'schemas']) {
    rmSync(`build/${room}`, { recursive: true, force: true });
  }
  execSync('npm run build', { stdio: ['ignore', 'ignore', 'inherit'] });
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(kept, text);
  const { scripts, devDependencies, allowScripts, ...published } = JSON.parse(text);
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
} else if (existsSync(kept)) {
  renameSync(kept, manifest);
}
