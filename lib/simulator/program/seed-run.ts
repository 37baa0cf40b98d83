// Runs one seed and says what came of it and what it cost.
import { run } from '../run/run.ts';
import type { RunOptions, RunResult } from '../run/types.ts';
import { failureReport } from './report.ts';
import { kindOf } from './totals.ts';
import type { SeedSummary } from './totals.ts';

export async function runSeed(options: RunOptions): Promise<{ summary: SeedSummary; result: RunResult }> {
  const before = process.cpuUsage();
  const result = await run(options);
  const { user, system } = process.cpuUsage(before);
  const { seed, allocation, counts, violation } = result;
  const failure = violation === null ? null : failureReport(options, result);
  const summary = { seed, kind: kindOf(result), allocation, cpuMs: (user + system) / 1_000, counts, failure };
  return { summary, result };
}
