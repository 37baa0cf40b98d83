// No test judges time: one limit for all catches what hangs, and how long something takes is for benchmarks to say.
import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';

const files = globSync('test/**/*.test.ts');
const ownLimit = /^\s*\}\)?, [\d_]{4,}\);$|\b(?:before|after)(?:All|Each)\(.*, [\d_]{4,}\);$/;
const judgesCpu = /process\.(?:cpuUsage|resourceUsage)\(|jest\.setTimeout\(/;

test('no test has a time limit of its own, or measures what it costs', () => {
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        ownLimit.test(line) || judgesCpu.test(line) ? [`${file}:${String(at + 1)}: ${line.trim()}`] : [],
      ),
  );
  expect(found.filter((line) => !line.startsWith('test/tidy/test-limits'))).toEqual([]);
});
