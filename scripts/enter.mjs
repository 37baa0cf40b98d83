// The one door: `npm start`, `npm test` and `./bellows` all come in here, on whatever Node the
// machine has (20 or newer). Plain JavaScript without dependencies, because nothing is installed
// yet when it first runs. It installs when the lock file changed, then continues on Node 24.
// Everything it says goes to stderr: stdout belongs to the program it starts.
//
//   node scripts/enter.mjs lib/local/main.ts [args…]

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.bellows-stamp');
const lockDir = join(root, '.install-lock');
const bundledNode = join(modules, 'node', 'bin', 'node');

const nodeMajorMin = 24;
const progressEveryMs = 4_000;
const lockAgeMsMax = 15 * 60_000;
// node:sqlite still announces itself as experimental on Node 24; users can do nothing about it.
const nodeFlags = ['--disable-warning=ExperimentalWarning'];

export async function enter(script, args) {
  if (!isInstalled()) await install();
  const node = findNode();
  const argv = [...nodeFlags, resolve(root, script), ...args];
  if (!existsSync(resolve(root, script))) fail(`${script} does not exist in this checkout; update it with git pull.`);
  if (node === process.execPath && process.execve) {
    // Same Node: become the program instead of standing in front of it.
    process.execve(node, [node, ...argv], process.env);
  }
  process.exit(await run(node, argv));
}

const say = (line) => process.stderr.write(`bellows: ${line}\n`);

function fail(sentence) {
  say(sentence);
  process.exit(1);
}

const lockFileHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const readOr = (file, fallback) => (existsSync(file) ? readFileSync(file, 'utf8') : fallback);
const isInstalled = () => readOr(stampFile, '').trim() === lockFileHash();

function writeStamp() {
  if (existsSync(modules)) writeFileSync(stampFile, `${lockFileHash()}\n`);
}

async function install() {
  await takeLock();
  try {
    if (isInstalled()) return; // somebody else did it while we waited
    await npmCi();
    writeStamp();
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

async function npmCi() {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  say(`installing dependencies (${existsSync(modules) ? 'the lock file changed' : 'first run'}) …`);
  const ticker = setInterval(() => say(`installing dependencies … ${seconds()} s`), progressEveryMs);
  // npm must not run on a Node that it is about to delete.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((dir) => !dir.startsWith(modules))
    .join(delimiter);
  const child = spawn('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-8_000)));
  if (child.pid !== undefined) writeFileSync(join(lockDir, 'pids'), `${process.pid} ${child.pid}`);
  let stoppedBy;
  const code = await exitOf(child, (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  });
  clearInterval(ticker);
  if (code !== 0) {
    rmSync(lockDir, { recursive: true, force: true });
    if (stoppedBy) process.exit(128 + constants.signals[stoppedBy]);
    process.stderr.write(errors);
    fail(
      `npm ci failed (exit ${code}): check that npm is on PATH and reaches its registry, then run the same command again.`,
    );
  }
  say(`dependencies installed in ${seconds()} s`);
}

// The lock appears complete, with its owner inside, by one rename: a rename onto a directory that
// is not empty fails, so only one process gets it. It is stale when neither the owner nor the npm
// that the owner started is alive any more.
async function takeLock() {
  const mine = `${lockDir}-${process.pid}`;
  for (let waitedMs = 0; ; waitedMs += 200) {
    mkdirSync(mine, { recursive: true });
    writeFileSync(join(mine, 'pids'), String(process.pid));
    try {
      renameSync(mine, lockDir);
      return;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
    } finally {
      rmSync(mine, { recursive: true, force: true });
    }
    if (isStale(lockDir)) {
      removeStaleLock();
      continue;
    }
    if (waitedMs % progressEveryMs === 0) say('waiting for another process to finish installing dependencies …');
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

function isStale(dir) {
  try {
    const pids = readFileSync(join(dir, 'pids'), 'utf8').split(' ').map(Number);
    return !pids.some(isAlive) || Date.now() - statSync(dir).mtimeMs > lockAgeMsMax;
  } catch {
    return false; // just released, or being rewritten: look again
  }
}

function removeStaleLock() {
  const aside = `${lockDir}-stale-${process.pid}`;
  try {
    renameSync(lockDir, aside);
    // Between our look and the rename somebody else may have replaced it: give a live one back.
    if (!isStale(aside)) renameSync(aside, lockDir);
  } catch {
    // Somebody else removed or took it first; the caller's loop looks again.
  }
  rmSync(aside, { recursive: true, force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) return process.execPath;
  const version = JSON.parse(readOr(join(modules, 'node', 'package.json'), '{}')).version ?? '';
  if (existsSync(bundledNode) && Number.parseInt(version, 10) >= nodeMajorMin) return bundledNode;
  return fail(
    `Node ${nodeMajorMin} is missing (this is ${process.version}, and ${bundledNode} was not installed): `
      + 'run `npm rebuild node --ignore-scripts=false`, or put Node 24 on PATH.',
  );
}

async function run(node, argv) {
  const child = spawn(node, argv, { stdio: 'inherit' });
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  return exitOf(child, (signal) => {
    // A terminal sends Ctrl-C to the child as well; passing it on would interrupt it twice.
    if (signal !== 'SIGINT' || !fromTerminal) child.kill(signal);
  });
}

function exitOf(child, onSignal) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  return new Promise((done) => {
    child.on('error', (error) => {
      say(`cannot start ${child.spawnfile}: ${error.message}`);
      done(127);
    });
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, onSignal);
      done(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [script, ...args] = process.argv.slice(2);
  if (script === '--stamp')
    writeStamp(); // npm's `prepare`: what npm installed by hand counts too
  else if (script === undefined) fail('usage: node scripts/enter.mjs SCRIPT.ts [args…]');
  else await enter(script, args);
}
