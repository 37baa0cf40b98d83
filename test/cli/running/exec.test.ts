// A program beside a task: where it is started, and what is said where it cannot be.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onNode } from '../../../cli/commands/requests/exec.ts';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-exec-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('what is to be typed on a node survives a shell, whatever the program is called with', () => {
  writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nfor one; do printf "[%s]\\n" "$one"; done\n', { mode: 0o755 });
  const line = onNode('r-1.0.2', ['sh', '-c', "echo 'it is' $HOME; ls *"]);
  const seen = execFileSync('/bin/sh', ['-c', line], { env: { PATH: `${folder}:/usr/bin:/bin` }, encoding: 'utf8' });
  const [shell, flag, script, ...rest] = seen.trim().split('\n');
  expect([shell, flag, rest]).toEqual(['[sh]', '[-c]', ['[beside]', '[sh]', '[-c]', "[echo 'it is' $HOME; ls *]"]]);
  expect(script).toContain('/var/lib/bellows-agent/attempts/r-1.0.2/pid');
  expect(script).toContain('nsenter -t "$p" -m -w -S');
});

test('a task that does not run has nothing beside it', async () => {
  const { out } = await bench.run(['run', '--', 'true']);
  const ran = await bench.run(['exec', out.trim(), '--', 'sh']);
  expect([ran.exit, bench.beside]).toEqual([1, []]);
  expect(ran.err).toContain('does not run: it is pending');
});
