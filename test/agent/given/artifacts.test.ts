// Files that a task leaves behind: found without following anything, sent as they were hashed, heard of with its end.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { InputKeeper } from '../../../agent/tasks/given/inputs.ts';
import { SecretKeeper } from '../../../agent/tasks/given/secrets.ts';
import { ArtifactKeeper, listArtifacts } from '../../../agent/tasks/kept/artifacts.ts';
import { PlainLauncher } from '../../../agent/tasks/launcher.ts';
import { noRole } from '../../../agent/tasks/given/roles.ts';
import { Runner } from '../../../agent/tasks/runner.ts';
import { TransportError } from '../../../agent/transport.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';
import type { ArtifactList } from '../../../lib/core/access/files.ts';
import { attempt, until, noGpus } from '../controller.ts';

let dir: string;
let work: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-artifacts-'));
  work = join(dir, 'work');
  for (const path of ['dist/a.js', 'dist/deep/b.js', 'report.xml', 'tmp/scratch.js', 'other'])
    write(join(work, path), `content of ${path}`);
  write(join(dir, 'secret.js'), 'planted-7aa');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const signal = new AbortController().signal;
const bounds = { files: 100, bytes: 10_000, scanned: 1_000 };
const pathsOf = async (...globs: string[]): Promise<string[]> =>
  (await listArtifacts(work, globs, bounds, signal)).files.map((one) => one.path);

test.each<[string[], string[]]>([
  [['dist/**'], ['dist/a.js', 'dist/deep/b.js']],
  [['dist/*'], ['dist/a.js']],
  [['**/*.js'], ['dist/a.js', 'dist/deep/b.js']],
  [
    ['*.{xml,txt}', 'oth?r', 'none'],
    ['other', 'report.xml'],
  ],
  [['tmp/*'], ['tmp/scratch.js']],
])('%j are %j', async (globs, found) => {
  expect(await pathsOf(...globs)).toEqual(found);
});

describe('nothing is followed', () => {
  test('neither a link to a file nor one to a folder, nor is a pipe waited for', async () => {
    symlinkSync('../secret.js', join(work, 'link.js'));
    symlinkSync('..', join(work, 'up'));
    execFileSync('mkfifo', [join(work, 'pipe.js')]);
    expect(await pathsOf('**/*.js', 'up/**')).toEqual(['dist/a.js', 'dist/deep/b.js']);
  });

  test('also where a link takes the place of a folder or file between the look and the sending', async () => {
    for (const swap of [
      () => {
        renameSync(join(work, 'dist'), join(work, 'was'));
        write(join(dir, 'a.js'), 'planted-7aa');
        symlinkSync('..', join(work, 'dist'));
      },
      () => {
        rmSync(join(work, 'report.xml'));
        symlinkSync('../secret.js', join(work, 'report.xml'));
      },
    ]) {
      const sent: string[] = [];
      const keeper = keeperThat(sent, swap);
      await expect(keeper.keep('r.0.1', work, ['dist/a.js', 'report.xml'], signal)).rejects.toThrow(
        'could not be kept',
      );
      expect(sent.join()).not.toContain('planted');
    }
  });
});

test('what is beyond the bounds is left out by name, and the rest is kept', async () => {
  write(join(work, 'dist/big'), 'x'.repeat(20_000));
  const some = await listArtifacts(work, ['**'], { ...bounds, files: 3 }, signal);
  expect([some.files.map((one) => one.path), some.leftOut, some.leftOutCount]).toEqual([
    ['dist/a.js', 'dist/deep/b.js', 'other'],
    [
      { path: 'dist/big', why: '20000 bytes are more than the 9980 that are left of the limit' },
      { path: 'report.xml', why: 'there are 3 already' },
    ],
    2,
  ]);
  await expect(listArtifacts(work, ['**'], { ...bounds, scanned: 3 }, signal)).rejects.toThrow('more than 3 files');
});

function keeperThat(
  sent: string[],
  beforeSending = (): void => {},
  failures: readonly TransportError[] = [],
): ArtifactKeeper & { kept: ArtifactList[] } {
  const kept: ArtifactList[] = [];
  const left = [...failures];
  const keeper = new ArtifactKeeper({
    retryMs: 1,
    transport: {
      offerArtifacts: async (_id, { files }) => {
        beforeSending();
        return files.map((one) => ({ url: `/files/${one.path}`, headers: {} }));
      },
      putFile: async ({ url }, body) => {
        const failure = left.shift();
        if (failure !== undefined) throw failure;
        sent.push(`${url} ${body === null ? '' : await text(body)}`);
      },
      keepArtifacts: async (_id, list) => {
        kept.push(list);
      },
    },
  });
  return Object.assign(keeper, { kept });
}

test('each content is sent once, again where nobody answered, and the list last', async () => {
  write(join(work, 'dist/same.js'), 'content of dist/a.js');
  write(join(work, 'dist/empty'), '');
  const sent: string[] = [];
  const keeper = keeperThat(sent, undefined, [new TransportError('no answer', false)]);
  await keeper.keep('r.0.1', work, ['dist/*'], signal);
  expect(sent).toEqual(['/files/dist/a.js content of dist/a.js', '/files/dist/empty ']);
  expect(keeper.kept[0]?.files.map((one) => one.path)).toEqual(['dist/a.js', 'dist/empty', 'dist/same.js']);
  expect(keeper.kept[0]?.files[0]?.sha256).toBe(createHash('sha256').update('content of dist/a.js').digest('hex'));
});

describe('an attempt with artifacts', () => {
  function runnerThat(keeper: ArtifactKeeper): { readonly runner: Runner; readonly heard: string[] } {
    const heard: string[] = [];
    const none = (): Promise<never> => Promise.reject(new Error('none'));
    const runner = new Runner(
      {
        gpus: noGpus,
        attemptsDir: join(dir, 'attempts'),
        launcher: new PlainLauncher('/usr/bin:/bin'),
        mounter: null,
        secrets: new SecretKeeper({ root: null, ask: none }),
        roles: { accessOf: async () => noRole, forget: () => {} },
        inputs: new InputKeeper({ ask: none, open: none }),
        artifacts: keeper,
        removeTree,
        log: () => {},
      },
      {
        started: () => heard.push('started'),
        startFailed: (_id, message) => heard.push(message),
        progress: () => {},
        keeping: () => heard.push('keeping'),
        ended: (_id, code, { message = '' }) => heard.push(`ended ${String(code)} ${message}`),
      },
    );
    return { runner, heard };
  }
  const ended = (heard: readonly string[]): Promise<boolean> =>
    until(() => heard.at(-1)?.startsWith('ended') === true || undefined, 'the end');

  test('is heard to have ended when they are kept, whatever its exit code', async () => {
    const sent: string[] = [];
    const { runner, heard } = runnerThat(keeperThat(sent));
    runner.start(attempt('r', 'mkdir out; echo built > out/x; exit 3', { artifacts: ['out/*'] }));
    await ended(heard);
    expect([heard, sent]).toEqual([['started', 'keeping', 'ended 3 '], ['/files/out/x built\n']]);
  });

  test('has not succeeded when they are lost', async () => {
    const refusing = keeperThat([], undefined, [new TransportError('PUT https://s3.test/x answered 403', true)]);
    const { runner, heard } = runnerThat(refusing);
    runner.start(attempt('r', 'echo > x', { artifacts: ['x'] }));
    await ended(heard);
    expect(heard.at(-1)).toBe('ended null its artifacts could not be kept: PUT https://s3.test/x answered 403');
  });

  test('has its whole output kept where it is long, behind its artifacts, under the names of the streams', async () => {
    const sent: string[] = [];
    const keeper = keeperThat(sent);
    const { runner, heard } = runnerThat(keeper);
    const script = 'echo > x; echo e >&2; head -c 300000 /dev/zero; head -c 1000000 /dev/zero; exit 3';
    runner.start(attempt('r', script, { artifacts: ['x'], keepOutputMib: 1 }));
    await ended(heard);
    expect(heard).toEqual(['started', 'keeping', 'ended 3 ']);
    expect(sent).toEqual(['/files/x \n', `/files/stdout ${'\0'.repeat(2 ** 20)}`, '/files/stderr e\n']);
    expect(keeper.kept.map(({ files, output }) => [files.map((one) => one.path), output])).toEqual([
      [['x'], undefined],
      [['stdout', 'stderr'], { leftOutBytes: { stdout: 1_300_000 - 2 ** 20, stderr: 0 } }],
    ]);
  });

  test('keeps no more of its output than head and tail where that is all of it', async () => {
    const sent: string[] = [];
    const { runner, heard } = runnerThat(keeperThat(sent));
    runner.start(attempt('r', 'echo short', { keepOutputMib: 1 }));
    await ended(heard);
    expect([heard, sent]).toEqual([['started', 'ended 0 '], []]);
  });

  test('ends as it did when its whole output is lost, and says so', async () => {
    const refusing = keeperThat([], undefined, [new TransportError('PUT https://s3.test/x answered 403', true)]);
    const { runner, heard } = runnerThat(refusing);
    runner.start(attempt('r', 'head -c 300000 /dev/zero', { keepOutputMib: 1 }));
    await ended(heard);
    expect(heard.at(-1)).toBe('ended 0 its whole output could not be kept: PUT https://s3.test/x answered 403');
  });

  test('has them kept by an agent that was restarted before it had heard of the end', async () => {
    const folder = join(dir, 'attempts', 'r.0.1');
    for (const [name, content] of Object.entries({ claim: '', exit: '0\n', artifacts: '["x"]', 'work/x': 'late' }))
      write(join(folder, name), content);
    const sent: string[] = [];
    const { runner, heard } = runnerThat(keeperThat(sent));
    expect(runner.find('r.0.1')).toMatchObject({ kind: 'running' });
    await ended(heard);
    expect([heard, sent]).toEqual([['keeping', 'ended 0 '], ['/files/x late']]);
  });

  test('is heard of at once when it is killed while they are being kept', async () => {
    const { runner, heard } = runnerThat(
      keeperThat([], () => {
        runner.signal('r.0.1', 'KILL');
      }),
    );
    runner.start(attempt('r', 'echo > x', { artifacts: ['x'] }));
    await ended(heard);
    expect(heard.at(-1)).toContain('its artifacts could not be kept: the task was stopped');
  });
});

test('what is refused, and a task that is stopped meanwhile, lose them, which is said', async () => {
  const refused = keeperThat([], undefined, [new TransportError('PUT https://s3.test/x answered 403', true)]);
  await expect(refused.keep('r.0.1', work, ['other'], signal)).rejects.toThrow(
    'its artifacts could not be kept: PUT https://s3.test/x answered 403',
  );
  const abort = new AbortController();
  const stopped = keeperThat([], () => {
    abort.abort();
  });
  await expect(stopped.keep('r.0.1', work, ['other'], abort.signal)).rejects.toThrow('the task was stopped');
  expect([...refused.kept, ...stopped.kept]).toEqual([]);
});
