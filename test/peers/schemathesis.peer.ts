// The embedded server under thousands of calls that schemathesis makes of the OpenAPI document: valid ones, and ones
// that are wrong in one place. Nothing answers 5xx, every answer is one that the document tells, and what breaks a
// schema is refused, and what fits it only with 409, 422 and the like: for state or meaning, with a code of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { routes } from '../../lib/api/routes.ts';
import type { Route } from '../../lib/api/routes.ts';
import { startLocal } from './local-server.ts';
import type { LocalServerProcess } from './local-server.ts';
import { pythonBin } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-schemathesis-'));
let local: LocalServerProcess;

// Only a list itself makes cursors for it.
const withCursor = Object.entries<Route>(routes).flatMap(([id, { query }]) =>
  query !== undefined && 'cursor' in query.shape ? [id] : [],
);
const taken = ['2xx', '401', '403', '404', '409', '412', '413', '422', '503'];

// On a laptop nobody signs. A batch answers for each of its items, and a body of too many items may be too large. What
// schemathesis makes of the pattern of If-Match does not match it.
const config = `
[parameters]
"header.if-match" = "*"

[checks]
ignored_auth.enabled = false
missing_required_header.enabled = false
positive_data_acceptance.expected-statuses = ${JSON.stringify(taken)}
negative_data_rejection.expected-statuses = ["400", "404", "405", "409", "413", "415", "422"]

[[operations]]
include-operation-id = "submitBatch"
checks.negative_data_rejection.enabled = false

[[operations]]
include-operation-id = ${JSON.stringify(withCursor)}
checks.positive_data_acceptance.expected-statuses = ${JSON.stringify([...taken, '400'])}
`;

beforeAll(async () => {
  local = await startLocal(['--empty']);
}, 60_000);
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Without the warnings behind them, which are long. */
function failuresIn(text: string): string {
  const from = text.indexOf('= FAILURES =');
  return from < 0 ? text.slice(-5_000) : text.slice(from, text.indexOf('= WARNINGS =', from)).slice(0, 20_000);
}

test('schemathesis finds nothing', () => {
  const file = join(folder, 'schemathesis.toml');
  writeFileSync(file, config);
  const done = spawnSync(
    join(pythonBin('schemathesis', ['schemathesis==4.32.5']), 'schemathesis'),
    [
      ...['--config-file', file, 'run', `${local.url}/openapi.json`, '--seed', '1', '--max-examples', '30'],
      ...['--phases', 'examples,coverage,fuzzing', '--continue-on-failure', '--request-timeout', '30'],
      ...['--exclude-path', '/metrics', '--exclude-path', '/docs', '--header', 'Authorization: none', '--no-color'],
    ],
    { cwd: folder, encoding: 'utf8', timeout: 600_000, maxBuffer: 1e8 },
  );
  const summary = done.stdout.slice(done.stdout.indexOf('= SUMMARY ='));
  expect([done.status, done.status === 0 ? '' : failuresIn(done.stdout)]).toEqual([0, '']);
  expect(summary).toMatch(/[0-9]{4,} generated/);
}, 660_000);
