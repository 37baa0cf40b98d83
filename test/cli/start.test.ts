// Commands that do not need AWS start without its SDK, which takes longer to load than most of them to run.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

/** Prints the name of each package that is loaded. */
const watch = `
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      if (/^(@(aws-sdk|smithy)\\/|zod|yaml)/.test(specifier)) process.stderr.write('loads ' + specifier + '\\n');
      return next(specifier, context);
    },
  });
`;

function loadedBy(...args: readonly string[]): readonly string[] {
  const { stderr } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      `data:text/javascript,${encodeURIComponent(watch)}`,
      fileURLToPath(new URL('../../cli/main.ts', import.meta.url)),
      ...args,
    ],
    { encoding: 'utf8', env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-central-1' } },
  );
  return stderr.split('\n').filter((line) => line.startsWith('loads '));
}

const nowhere = ['--server', 'http://127.0.0.1:1'];

test('help and a wrong option load no schema, no parser of files and nothing of the SDK', () => {
  expect([loadedBy('--help'), loadedBy('run', '--gpus', '1')]).toEqual([[], []]);
});

test('an unsigned call loads the schemas, and nothing of the SDK', () => {
  expect([...new Set(loadedBy('stats', ...nowhere))]).toEqual(['loads zod']);
});

test('a signed call loads one client, that of STS', () => {
  const clients = loadedBy('stats', '--sign', ...nowhere).filter((line) => line.includes('/client-'));
  expect([...new Set(clients)]).toEqual(['loads @aws-sdk/client-sts']);
});
