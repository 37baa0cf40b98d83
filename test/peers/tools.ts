// Tools of others, installed into the project's cache the first time that a peer test wants them. A tool that cannot
// be had fails its tests with one sentence: this tier is run by people who want to know, nothing is skipped.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cacheFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules', '.cache', 'peers');
const startMsMax = 60_000;

interface InstallOptions {
  /** Besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** What it prints. @throws where it fails, or does not end in time */
export function mustRun(
  program: string,
  args: readonly string[],
  cwd: string,
  { env, timeoutMs = 600_000 }: InstallOptions = {},
): string {
  const done = spawnSync(program, args, {
    ...{ cwd, encoding: 'utf8', timeout: timeoutMs, maxBuffer: 1 << 26 },
    env: { ...process.env, ...env },
  });
  if (done.error) throw new Error(`${program} did not run to its end (${done.error.message}); a peer needs it`);
  if (done.status === 0) return done.stdout;
  const said = `${done.stdout}${done.stderr}`.trim().slice(-2_000);
  throw new Error(`${program} ${args.join(' ')} ended with ${String(done.status)}:\n${said}`);
}

/** A folder that `fill` makes once; half a folder of a run that was cut off is made anew. */
function once(name: string, fill: (folder: string) => void): string {
  const folder = join(cacheFolder, name);
  const mark = join(folder, '.installed');
  if (existsSync(mark)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  fill(folder);
  writeFileSync(mark, '');
  return folder;
}

/** The folder with the jars of a Maven artifact and of all that it needs. `coordinates`: group:artifact:version */
export function mavenJars(coordinates: string): string {
  const [groupId = '', artifactId = '', version = ''] = coordinates.split(':');
  const folder = once(`${artifactId}-${version}`, (into) => {
    const project =
      '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
      + '<groupId>peers</groupId><artifactId>peers</artifactId><version>1</version><dependencies><dependency>'
      + `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`
      + '</dependency></dependencies></project>';
    writeFileSync(join(into, 'pom.xml'), project);
    mustRun(
      'mvn',
      ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars', '-DincludeScope=runtime'],
      into,
    );
  });
  return join(folder, 'jars');
}

/** The bin folder of a Python environment with these packages, pinned as `name==version`. */
export function pythonBin(name: string, packages: readonly string[], python: () => string = () => 'python3'): string {
  const folder = once(`${name}-${packages.map((one) => one.split('==')[1]).join('-')}`, (into) => {
    mustRun(python(), ['-m', 'venv', 'env'], into);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    mustRun(join(into, 'env', 'bin', 'python'), pip, into);
  });
  return join(folder, 'env', 'bin');
}

/** A Python of that very version (`3.13`): on PATH, or one of pyenv's that is not the chosen one. */
export function pythonOf(version: string): string {
  const pyenv = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(pyenv) ? readdirSync(pyenv).filter((one) => one.startsWith(`${version}.`)) : [];
  const program = `python${version}`;
  const found = [program, ...installed.map((one) => join(pyenv, one, 'bin', program))].find(
    // pyenv's own `python3.13` on PATH fails where another version is the chosen one.
    (one) => spawnSync(one, ['-c', 'import venv'], { encoding: 'utf8' }).status === 0,
  );
  if (found === undefined)
    throw new Error(`there is no ${program} with venv on PATH or among pyenv's; it is needed to install a peer`);
  return found;
}

/** The folder into which a package of Debian is unpacked; it is not installed, and nothing of it is started. */
export function debianPackage(name: string): string {
  const folder = once(`debian-${name}`, (into) => {
    mustRun('apt-get', ['download', '-qq', name], into);
    const [file] = readdirSync(into).filter((one) => one.endsWith('.deb'));
    if (file === undefined) throw new Error(`apt-get downloaded no package ${name}; run apt-get update first`);
    mustRun('dpkg-deb', ['-x', file, 'root'], into);
  });
  return join(folder, 'root');
}

/** The folder of one npm package without dependencies, of that very version. */
export function npmPackage(name: string, version: string): string {
  const folder = once(`${name}-${version}`, (into) => {
    writeFileSync(join(into, 'package.json'), '{"private":true}');
    mustRun('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], into);
  });
  return join(folder, 'node_modules', name);
}

export interface GoProgram {
  readonly module: string;
  /** Of the module, without v: `1.34.4`. */
  readonly version: string;
  /** Below the module; its last part is the program's name. */
  readonly command: string;
  /** Of the modules that this one's go.mod takes from its own tree: there they are published as this version. */
  readonly publishedAs: string;
  readonly linkerFlags: string;
}

/** How long Go may take to compile a large program on a busy machine. */
export const goBuildMsMax = 7_200_000;

/** A program compiled from its Go module, which Go checks against its checksum database. */
export function goProgram({ module, version, command, publishedAs, linkerFlags }: GoProgram): string {
  const name = command.split('/').at(-1) ?? command;
  const folder = once(`${name}-${version}`, (into) => {
    const options = { env: { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }, timeoutMs: goBuildMsMax };
    const { GoMod } = JSON.parse(
      mustRun('go', ['mod', 'download', '-json', `${module}@v${version}`], into, options),
    ) as { GoMod: string };
    const [, goVersion = ''] = /^go (\S+)$/m.exec(readFileSync(GoMod, 'utf8')) ?? [];
    const own = [...readFileSync(GoMod, 'utf8').matchAll(/^\s*(\S+) => \.\//gm)].map(([, path = '']) => path);
    const lines = [
      ...['module peers', `go ${goVersion}`, `require ${module} v${version}`],
      ...own.map((path) => `replace ${path} => ${path} v${publishedAs}`),
    ];
    writeFileSync(join(into, 'go.mod'), `${lines.join('\n')}\n`);
    const build = ['build', '-buildvcs=false', '-ldflags', linkerFlags, '-o', name, `${module}/${command}`];
    mustRun('go', build, into, options);
  });
  return join(folder, name);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Peer {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

export interface ServerOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly port: number;
  /** Besides this process's own. `folder` is its working directory, and goes with it. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

/** Starts a server of somebody else's on loopback and waits until it answers HTTP, with whatever status. */
export async function startServer({ program, args, port, env }: ServerOptions): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-peer-'));
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env?.(folder) },
  });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said = `${said}${chunk.toString()}`.slice(-4_000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const endpoint = `http://127.0.0.1:${String(port)}`;
  for (const since = Date.now(); ;) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${String(child.exitCode)}:\n${said}`);
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      break;
    if (Date.now() - since > startMsMax) {
      await ended(child);
      throw new Error(`${program} does not answer on ${endpoint}:\n${said}`);
    }
    await delay(100);
  }
  return {
    endpoint,
    stop: async () => {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('close', resolve));
  if (!child.kill('SIGKILL')) return;
  await gone;
}
