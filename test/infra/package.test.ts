// What others install: packed, unpacked into an empty folder, the CLI run and the construct synthesized there, all as
// plain JavaScript and without the network.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { standInRuntime } from '../../lib/local/localcloud/stand-in-runtime.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';

describe('the package', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellows-package-'));
    execFileSync(process.execPath, [join(root, 'scripts/pack.ts'), folder], { cwd: root, stdio: 'pipe' });
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
        cwd: join(folder, 'package'),
        encoding: 'utf8',
      }),
    ) as [{ filename: string }];
    const user = join(folder, 'user');
    mkdirSync(user);
    writeFileSync(join(user, 'package.json'), '{"name": "user", "private": true, "type": "module"}');
    execFileSync(
      'npm',
      ['install', '--offline', '--no-audit', '--no-fund', '--omit=peer', '--loglevel=error', join(folder, filename)],
      { cwd: user, stdio: 'pipe' },
    );
    // The user's own CDK.
    for (const name of ['aws-cdk-lib', 'constructs'])
      if (!existsSync(join(user, 'node_modules', name)))
        symlinkSync(join(root, 'node_modules', name), join(user, 'node_modules', name));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('needs no other package', () => {
    const installed = JSON.parse(readFileSync(join(folder, 'user/node_modules/bellows/package.json'), 'utf8')) as {
      dependencies?: object;
      peerDependencies: Record<string, string>;
    };
    expect(installed.dependencies).toBeUndefined();
    expect(Object.keys(installed.peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
  });

  test('runs the CLI', () => {
    const done = spawnSync(process.execPath, [join(folder, 'user/node_modules/.bin/bellows'), '--help'], {
      cwd: join(folder, 'user'),
      encoding: 'utf8',
    });
    expect(done.stderr).toBe('');
    expect(done.stdout).toContain('Usage: bellows');
    expect(done.status).toBe(0);
  });

  test('says in one sentence that a Node is too old', () => {
    const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.1.0'}})";
    const done = spawnSync(process.execPath, ['--import', old, join(folder, 'package/cli/bellows.js'), '--help'], {
      cwd: join(folder, 'user'),
      encoding: 'utf8',
    });
    expect([done.status, done.stdout, done.stderr]).toEqual([
      2,
      '',
      'bellows: needs Node 24 or newer, and this is Node 20.1.0\n',
    ]);
  });

  test("the CLI of the package can sign: it looks for credentials where AWS's tools do", () => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
    const bellows = (more: Readonly<Record<string, string>>) =>
      spawnSync(
        process.execPath,
        [
          join(folder, 'user/node_modules/.bin/bellows'),
          'stats',
          '--sign',
          '--region',
          'us-east-1',
          '--server',
          'http://127.0.0.1:1',
        ],
        { cwd: folder, encoding: 'utf8', env: { ...env, ...more } },
      );
    expect(bellows({}).stderr).toContain('there are no usable AWS credentials');
    expect(bellows({ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' }).stderr).toContain(
      'no server answers at http://127.0.0.1:1',
    );
  });

  test("has a typed client for programs of one's own", () => {
    const user = join(folder, 'user');
    const lines = [
      "import { Bellows, BellowsError } from 'bellows/client';",
      "const bellows = new Bellows({ server: 'http://127.0.0.1:1', tries: 1 });",
      "const task = { type: 'task', command: ['true'], resources: { vcpu: 1, memoryMib: 64 } } as const;",
      'const failed = await bellows.submit(task).then(({ id }) => id, (error: unknown) => error);',
      'if (!(failed instanceof Error) || failed instanceof BellowsError) throw new Error(String(failed));',
      'console.log(failed.name);',
    ];
    writeFileSync(join(user, 'user.ts'), lines.join('\n'));
    // The user's own sources are the compiler's to read; its options are those of a plain project.
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const types = ['--typeRoots', join(root, 'node_modules/@types')];
    const tsc = [join(root, 'node_modules/typescript/bin/tsc'), ...options, ...types];
    const checked = (file: string) => spawnSync(process.execPath, [...tsc, file], { cwd: user, encoding: 'utf8' });
    expect(checked('user.ts').stdout).toBe('');
    writeFileSync(join(user, 'wrong.ts'), lines.join('\n').replace('vcpu: 1', "vcpu: 'one'"));
    expect(checked('wrong.ts').stdout).toContain('is not assignable');
    const ran = spawnSync(process.execPath, ['user.ts'], { cwd: user, encoding: 'utf8' });
    expect([ran.stdout, ran.status]).toEqual(['NoAnswerError\n', 0]);
  });

  test("synthesizes the construct in an app of one's own", () => {
    const nodeRuntime = JSON.stringify(standInRuntime(mkdtempSync(join(folder, 'runtime-'))));
    writeFileSync(
      join(folder, 'user/app.js'),
      [
        "import { App, Stack } from 'aws-cdk-lib';",
        "import { Bellows } from 'bellows/cdk';",
        "const app = new App({ outdir: 'out' });",
        "const stack = new Stack(app, 'Mine');",
        `const nodeRuntime = ${nodeRuntime};`,
        "const props = { installation: 'mine', pools: [{ name: 'default' }], nodeRuntime };",
        "const bellows = new Bellows(stack, 'Bellows', props);",
        "if (!bellows.api.apiEndpoint) throw new Error('no endpoint');",
        'app.synth();',
      ].join('\n'),
    );
    const done = spawnSync(process.execPath, ['app.js'], { cwd: join(folder, 'user'), encoding: 'utf8' });
    expect(done.status === 0 ? '' : done.stderr).toBe('');
    const { Resources: resources } = JSON.parse(readFileSync(join(folder, 'user/out/Mine.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string }>;
    };
    expect(Object.values(resources).filter((one) => one.Type === 'AWS::Lambda::Function')).toHaveLength(5);
    expect(readFileSync(join(folder, 'user/node_modules/bellows/types/index.d.ts'), 'utf8')).toContain('Bellows');
  });
});
