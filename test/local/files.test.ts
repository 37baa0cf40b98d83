// Files end to end on one machine: the first example of docs/cli.md, word by word, on a folder with a build.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { until, untilAsync } from '../hang.ts';

let home: string;
let project: string;
let server: ChildProcess;
let url: string;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'bellows-files-home-'));
  project = mkdtempSync(join(tmpdir(), 'bellows-project-'));
  server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', '--empty'], {
    env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  server.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  url = await until(() => /listens on (\S+)/.exec(text)?.[1], 'the server to listen');
});

afterEach(async () => {
  if (server.exitCode === null) {
    const exited = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await exited;
  }
  for (const one of [home, project]) rmSync(one, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** In the project, by a shell, as somebody would type it. */
async function type(line: string): Promise<Ran> {
  const program = `${process.execPath} --disable-warning=ExperimentalWarning ${resolve('cli/main.ts')}`;
  const env = { PATH: process.env['PATH'], BELLOWS_URL: url, BELLOWS_HOME: home };
  return new Promise((done) => {
    execFile('/bin/sh', ['-c', line.replace(/^\.\/bellows/, program)], { cwd: project, env }, (error, out, err) => {
      done({ exit: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

test('the first examples with files of docs/cli.md work as they are written', async () => {
  const example = /^\.\/bellows run .*--upload \. .*$/m.exec(readFileSync('docs/cli.md', 'utf8'))?.[0] ?? '';
  expect(example).toContain('./build.sh');
  mkdirSync(join(project, 'src'));
  writeFileSync(join(project, 'src', 'words'), 'built from src');
  writeFileSync(join(project, '.gitignore'), 'secret*\n');
  writeFileSync(join(project, 'secret-of-mine'), 'x');
  writeFileSync(
    join(project, 'build.sh'),
    '#!/bin/sh\ncat src/words; ls; mkdir -p dist/lib; cp src/words dist/lib/; exit 7\n',
  );
  chmodSync(join(project, 'build.sh'), 0o755);
  const first = await type(example);
  expect([first.exit, first.out]).toEqual([7, 'built from srcbuild.sh\nsrc\ntmp\n']);
  expect(first.err).toContain('3 files');
  const id = /r-[0-9a-f]+/.exec(first.err)?.[0] ?? '';
  const fetching = /^\.\/bellows artifacts ID --to out/m.exec(readFileSync('docs/cli.md', 'utf8'))?.[0] ?? '';
  expect(await type(fetching.replace('ID', id))).toMatchObject({ exit: 0, out: '1 file in out\n' });
  expect(readFileSync(join(project, 'out', 'dist', 'lib', 'words'), 'utf8')).toBe('built from src');
  rmSync(join(project, 'out'), { recursive: true });
  const second = await type(example);
  expect([second.exit, second.err]).toEqual([7, expect.stringContaining('there already')]);
});

test('a program runs beside a task that runs, in its folder and with its environment', async () => {
  const { out } = await type("./bellows run --env COLOUR=red --shell -- 'echo inside > here; sleep 60'");
  const id = out.trim();
  const look = `./bellows exec ${id} -- sh -c 'cat here && echo $COLOUR $BELLOWS_REQUEST_ID $HOME && pwd; exit 9'`;
  const ran = await untilAsync(async () => {
    const one = await type(look);
    return one.exit === 9 ? one : undefined;
  }, 'the task to run');
  expect(await type(`./bellows artifacts ${id} --to out`)).toMatchObject({ exit: 0, out: 'none is kept (yet)\n' });
  const [first, second, third] = ran.out.split('\n');
  expect([first, second, third]).toEqual([
    'inside',
    `red ${id} ${third ?? ''}`,
    expect.stringContaining(`${id}.0.1/work`),
  ]);
  await type(`./bellows cancel ${id}`);
});

test('what a task writes comes back to the byte, with its end or apart from it', async () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const many = Buffer.concat(Array<Buffer>(300).fill(all));
  writeFileSync(join(project, 'all'), all);
  writeFileSync(join(project, 'many'), many);
  for (const [name, bytes] of [
    ['all', all],
    ['many', many],
  ] as const) {
    const ran = await type(`./bellows run --upload ${name} --wait -- sh -c 'cat ${name}; cat ${name} >&2'`);
    expect(ran.exit).toBe(0);
    const id = /r-[0-9a-f]+/.exec(ran.err)?.[0] ?? '';
    expect((await type(`./bellows logs ${id} --raw > out 2> err`)).exit).toBe(0);
    for (const file of ['out', 'err']) expect(readFileSync(join(project, file)).equals(bytes)).toBe(true);
    const shown = (await type(`./bellows logs ${id} 2> err`)).out;
    expect([shown.includes('~'), shown.includes('\ufffd'), shown.length]).toEqual([true, true, bytes.length]);
  }
});

test('as much of an output is kept whole as is asked for, and what was left out is said', async () => {
  const bytes = Buffer.alloc(6 * 2 ** 20, Buffer.from(Array.from({ length: 509 }, (_, n) => n & 0xff)));
  writeFileSync(join(project, 'long'), bytes);
  const run = async (mib: number): Promise<string> => {
    const files = `--upload long --keep-output ${String(mib)}`;
    // Its own stream stays open for longer than the agent looks away: it is cut back while the task runs.
    const ran = await type(`./bellows run ${files} --wait --shell -- 'cat long; echo more >&2; sleep 1' > /dev/null`);
    expect(ran.exit).toBe(0);
    return /r-[0-9a-f]+/.exec(ran.err)?.[0] ?? '';
  };
  for (const [mib, kept] of [
    [8, bytes.length],
    [1, 2 ** 20],
  ] as const) {
    const id = await run(mib);
    const { err } = await type(`./bellows logs ${id} --raw > out`);
    const out = readFileSync(join(project, 'out'));
    const leftOut = String(bytes.length - out.length);
    const said = mib === 8 ? '' : `${leftOut} bytes of stdout behind the first 1048576 bytes left out\n`;
    expect([mib, err]).toEqual([mib, `${said}more\n`]);
    expect(out.subarray(0, kept).equals(bytes.subarray(0, kept))).toBe(true);
    // Behind it the end that is kept in any case: a byte that is no UTF-8 counts as three of 128 KiB.
    const end = out.length - kept;
    expect([mib, end > 2 ** 15, end <= 2 ** 17]).toEqual([mib, mib === 1, true]);
    expect(out.subarray(kept).equals(bytes.subarray(bytes.length - end))).toBe(true);
    expect((await type(`./bellows logs ${id} --tail 100 --raw 2> /dev/null | wc -c`)).out.trim()).toBe('100');
  }
});

test('what is not there is refused; a broken input ends the attempt, and no key of its URL is told', async () => {
  const client = new ApiClient(url, 120_000);
  const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 64 }, shell: 'true' };
  const missing = { upload: '0'.repeat(64), path: '.', unpack: true };
  await expect(client.call('submitRequest', { body: { ...task, inputs: [missing] } })).rejects.toThrow(
    'you have no upload 0000',
  );
  const line = '--input "a=https://127.0.0.1:9/a?key=planted-9c2e" --wait -- true';
  const ran = await type(`./bellows run ${line}`);
  expect(ran.exit).toBe(1);
  expect(ran.err).toContain('https://127.0.0.1:9/a could not be fetched');
  const { items } = await client.call('listRequests', { query: { limit: '1' } });
  const params = { id: items[0]?.id ?? '' };
  const shown = [await client.call('getRequest', { params }), await client.call('getTimeline', { params }), ran.err];
  expect(JSON.stringify(shown)).toContain('https://127.0.0.1:9/a');
  for (const text of [JSON.stringify(shown), readFileSync(join(home, 'server.log'), 'utf8')])
    expect(text).not.toContain('planted-9c2e');
});
