// Starts the CLI of a checkout from its bundle, which is built anew when a source has changed. A source is erased and
// compiled at every start; a bundle with a compile cache starts in a fifth of the time. Plain JavaScript, and nothing
// but Node's own modules, because this runs at every call.
import { readFileSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'node_modules/.cache/bellows-cli');

/** The newest bundle whose sources are as they were; null: there is none. */
function freshBundle() {
  let list;
  try {
    list = JSON.parse(readFileSync(join(built, 'current.json'), 'utf8'));
  } catch (error) {
    // Not built yet; a list that is cut off is written anew like one that is missing.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
  const isSame = ([path, mtimeMs, size]) => {
    const found = statSync(root + path, { throwIfNoEntry: false });
    return found !== undefined && found.mtimeMs === mtimeMs && found.size === size;
  };
  return process.versions.node === list.node && list.sources.every(isSame) ? join(built, list.folder) : null;
}

const folder = freshBundle();
if (folder === null) {
  const { enter } = await import('../enter.mjs');
  await enter('scripts/cli/build.ts', ['--run', ...process.argv.slice(2)]);
} else {
  enableCompileCache(join(folder, 'compiled'));
  await import(pathToFileURL(join(folder, 'main.mjs')).href);
}
