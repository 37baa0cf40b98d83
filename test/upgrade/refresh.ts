// Makes test/upgrade/previous.json: agent and controller of an earlier version, as programs of one file each.
//
//   node scripts/enter.mjs test/upgrade/refresh.ts COMMIT
//
// COMMIT is what was released last, or the last one before `agentProtocol` was raised. Clones of CI are shallow, so the
// programs are kept, not the way to them. Packages are those of today: what they change is not part of the protocol.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { previousFile } from './previous.ts';

/** What a test needs of the controller of that version: its decisions and its schemas, and a store for them. */
const controller = `
export { syncAgent } from './lib/control/agents/sync-agent.ts';
export { outputUpload, syncRequest } from './lib/api/schemas/agent-protocol.ts';
export { keys } from './lib/control/store/keys.ts';
export { put } from './lib/control/store/store-retry.ts';
export { assignment, node, placedTask, request } from './test/core/builders.ts';
export { BareWorld, settings } from './test/control/bare-world.ts';
`;

const [commit] = process.argv.slice(2);
if (commit === undefined) {
  process.stderr.write('usage: refresh.ts COMMIT\n');
  process.exit(2);
}
const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1_000_000_000 }).trim();
const whole = git('rev-parse', `${commit}^{commit}`);
const folder = mkdtempSync(join(tmpdir(), 'bellows-previous-'));
try {
  const [tree, made] = [join(folder, 'tree'), join(folder, 'made')];
  for (const one of [tree, made]) mkdirSync(one);
  git('archive', '--output', join(folder, 'tree.tar'), whole);
  execFileSync('tar', ['-xf', join(folder, 'tree.tar'), '-C', tree]);
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'controller.ts'), controller);
  const pairs = ['agent/main.ts', join(made, 'agent.mjs'), 'controller.ts', join(made, 'controller.mjs')];
  execFileSync(process.execPath, [join(tree, 'scripts/bundle.ts'), ...pairs], { cwd: tree, stdio: 'inherit' });
  const files = [
    join(made, 'agent.mjs'),
    join(made, 'controller.mjs'),
    ...['wrapper.sh', 'container.sh'].map((name) => join(tree, 'agent/tasks', name)),
  ].map((file) => [basename(file), brotliCompressSync(readFileSync(file)).toString('base64')] as const);
  const version = { commit: whole, at: git('log', '-1', '--format=%cI', whole) };
  writeFileSync(previousFile, `${JSON.stringify({ ...version, files: Object.fromEntries(files) }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
