// `npm run simulate:faults`: runs seeds one after the other, stops at the first violation and tells its story.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { runExhaustive } from './program/exhaustive.ts';
import { faultKinds } from './faults/faults.ts';
import { addTo, failureReport, newTotals, replayCommand, totalsText } from './program/report.ts';
import { run } from './run/run.ts';
import type { RunOptions } from './run/types.ts';
import { shrink } from './program/shrink.ts';
import { formatLine } from './trace.ts';
import { wideScales, worldNames } from './applications/wide.ts';

const usage = `Usage: npm run simulate:faults -- [options]

  --seeds N            how many seeds (default 100)
  --from SEED          the first of them (default: of this moment)
  --seed SEED          this seed alone
  --size SIZE          tiny, small, medium or large (default: drawn from the seed)
  --world WORLD        ${worldNames.join(', ')}: an ordinary world, or one of the API's maxima
                       (default: one seed in ten is wide)
  --scale SCALE        full or reduced: how wide a wide world is (default: full)
  --claims yes|no      with or without machines, storage and networks (default: drawn from the seed)
  --without KIND,...   leave these kinds of fault out: ${faultKinds.join(' ')}
  --leave-out N,...    leave these requests out, by their position
  --shrink             look for a smaller run that still fails
  --trace              print every line of the run (with --seed)
  --keep-going         do not stop at the first violation
  --exhaustive         instead: one small workload, a crash at every port call and at every pair within a tick
  --progress FILE      append progress and failures to this file
`;

const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''));
const schema = z.strictObject({
  seeds: z.coerce.number().int().min(1).default(100),
  from: z.coerce.number().int().min(0).optional(),
  seed: z.coerce.number().int().min(0).optional(),
  size: z.enum(['tiny', 'small', 'medium', 'large']).optional(),
  world: z.enum(worldNames).optional(),
  scale: z.enum(wideScales).optional(),
  claims: z.enum(['yes', 'no']).optional(),
  without: list.pipe(z.array(z.enum(faultKinds))).optional(),
  'leave-out': list
    .transform((texts) => texts.map(Number))
    .pipe(z.array(z.number().int().min(0)))
    .optional(),
  shrink: z.boolean().default(false),
  trace: z.boolean().default(false),
  'keep-going': z.boolean().default(false),
  exhaustive: z.boolean().default(false),
  progress: z.string().optional(),
  help: z.boolean().default(false),
});

const flag = { type: 'boolean' } as const;
const text = { type: 'string' } as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: text,
      from: text,
      seed: text,
      size: text,
      world: text,
      scale: text,
      claims: text,
      without: text,
      'leave-out': text,
      shrink: flag,
      trace: flag,
      'keep-going': flag,
      exhaustive: flag,
      progress: text,
      help: flag,
    },
  });
  const parsed = schema.safeParse(values);
  if (!parsed.success || parsed.data.help) {
    console.log(parsed.success ? usage : `${z.prettifyError(parsed.error)}\n\n${usage}`);
    return parsed.success ? 0 : 2;
  }
  const args = parsed.data;
  const note = (line: string): void => {
    console.log(line);
    if (args.progress !== undefined) appendFileSync(args.progress, `${line}\n`);
  };
  if (args.exhaustive) return (await runExhaustive(note)).failures.length === 0 ? 0 : 1;
  const first = args.seed ?? args.from ?? Date.now() % 1_000_000_000;
  const count = args.seed === undefined ? args.seeds : 1;
  const totals = newTotals();
  const startedAtMs = Date.now();
  let failures = 0;
  let isStopped = false;
  // Whoever stops a long run early still wants to know what it has seen.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));
  if (count > 1) note(`seeds ${String(first)} to ${String(first + count - 1)}`);
  for (let seed = first; seed < first + count && !isStopped; seed += 1) {
    const options: RunOptions = {
      seed,
      size: args.size,
      world: args.world,
      scale: args.scale,
      claims: args.claims === undefined ? undefined : args.claims === 'yes',
      without: args.without,
      leftOut: args['leave-out'] ? new Set(args['leave-out']) : undefined,
      onLine: args.trace ? (line) => console.log(formatLine(line)) : undefined,
    };
    const result = await run(options);
    addTo(totals, result);
    if (count === 1)
      note(
        `seed ${String(seed)}: trace ${result.hash}, ${String(result.trace.lines)} lines, `
          + `${String(result.counts.events)} events in ${String(Date.now() - startedAtMs)} ms`,
      );
    if (result.violation) {
      failures += 1;
      note(failureReport(options, result));
      if (args.shrink) {
        const shrunk = await shrink({ ...options, onLine: undefined }, result, (what) => note(`  still fails ${what}`));
        note(
          `\nThe smallest run found in ${String(shrunk.runs)} runs: `
            + `${replayCommand(shrunk.options)}\n\n${failureReport(shrunk.options, shrunk.result)}`,
        );
      }
      if (!args['keep-going']) break;
    }
    if (totals.seeds % 100 === 0)
      note(
        `${String(totals.seeds)} seeds, ${String(failures)} violations, ${String(totals.faultedTicks)} faulted `
          + `ticks, ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`,
      );
  }
  note(
    `\n${totalsText(totals)}\n${String(failures)} violations in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`,
  );
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
