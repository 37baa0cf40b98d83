// Run as a program of its own, as any user: makes the folder that its argument names as wild as a task
// can, then deletes it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';

const [dir = '', outside = ''] = process.argv.slice(2);
const folder = (...names: readonly string[]): string => {
  const path = join(dir, ...names);
  mkdirSync(path, { recursive: true });
  return path;
};
const filled = (path: string, mode: number): void => {
  writeFileSync(join(path, 'f'), 'x');
  chmodSync(path, mode);
};

// Go's module cache, and worse.
filled(folder('go', 'pkg', 'mod', 'a@v1'), 0o555);
chmodSync(folder('go', 'pkg', 'mod'), 0o555);
filled(folder('closed'), 0o000);
filled(folder('unlisted'), 0o300);
filled(folder('unsearchable'), 0o600);
filled(folder('work'), 0o555);
for (const bytes of [[0xff, 0xfe], [0x0a], [0x20], [0xc3, 0x28]])
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(bytes)]), '');
mkdirSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff]), Buffer.from('folder')]));
writeFileSync(join(dir, '-rf'), '');
execFileSync('mkfifo', [join(dir, 'pipe')]);
const server = createServer();
await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));
symlinkSync(outside, join(dir, 'link'));
symlinkSync('..', join(folder('up'), 'up'));
symlinkSync('nowhere', join(dir, 'dangling'));
// Deeper than a path may be long: 4,096 bytes.
const home = process.cwd();
process.chdir(folder('deep'));
for (let depth = 0; depth < 100; depth += 1) {
  mkdirSync('d'.repeat(200));
  process.chdir('d'.repeat(200));
}
process.chdir(home);
chmodSync(dir, 0o555);

let reason: string | null = null;
try {
  await removeTree(dir);
} catch (error) {
  reason = String(error);
}
server.close();
process.stdout.write(JSON.stringify({ reason, isThere: existsSync(dir), outside: existsSync(join(outside, 'kept')) }));
