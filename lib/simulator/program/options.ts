// The options of `npm run simulate:faults`, parsed once.
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { wideScales, worldNames } from '../applications/wide.ts';
import { faultKinds } from '../faults/faults.ts';
import type { RunOptions } from '../run/types.ts';

const usage = `Usage: npm run simulate:faults -- [options]

  --seeds N            how many seeds (default 100)
  --from SEED          the first of them (default: of this moment)
  --seed SEED          this seed alone
  --workers N          run the seeds in so many child processes; violations do not stop the others
  --minutes M          start no further seed after this time
  --size SIZE          tiny, small, medium or large (default: drawn from the seed)
  --world WORLD        an ordinary world, or one of the API's maxima (default: one seed in eight is wide):
                       ${worldNames.join(', ')}
  --scale SCALE        full or reduced: how wide a wide world is (default: full)
  --claims yes|no      with or without machines, storage and networks (default: drawn from the seed)
  --services yes|no    with or without services (default: drawn from the seed)
  --allocation NAME    engine or plain (default: the engine in six of ten ordinary worlds)
  --without KIND,...   leave these kinds of fault out (they are listed below)
  --leave-out N,...    leave these requests out, by their position
  --shrink             look for a smaller run that still fails
  --trace              print every line of the run (with --seed)
  --keep-going         do not stop at the first violation
  --exhaustive         instead: one small workload, a crash at every port call and at every pair within a tick
  --progress FILE      append progress and failures to this file

Kinds of fault:
${inLines(faultKinds, 100)}
`;

const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''));
const schema = z.strictObject({
  seeds: z.coerce.number().int().min(1).default(100),
  from: z.coerce.number().int().min(0).optional(),
  seed: z.coerce.number().int().min(0).optional(),
  workers: z.coerce.number().int().min(1).max(64).optional(),
  minutes: z.coerce.number().positive().optional(),
  size: z.enum(['tiny', 'small', 'medium', 'large']).optional(),
  world: z.enum(worldNames).optional(),
  scale: z.enum(wideScales).optional(),
  claims: z.enum(['yes', 'no']).optional(),
  services: z.enum(['yes', 'no']).optional(),
  allocation: z.enum(['engine', 'plain']).optional(),
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

export type ProgramOptions = z.output<typeof schema>;

const flag = { type: 'boolean' } as const;
const text = { type: 'string' } as const;
const flags = ['shrink', 'trace', 'keep-going', 'exhaustive', 'help'];

/** The options, or what to print instead of running, with the exit code. */
export function parseOptions(): ProgramOptions | { readonly print: string; readonly exitCode: number } {
  const names = Object.keys(schema.shape);
  const options = Object.fromEntries(names.map((name) => [name, flags.includes(name) ? flag : text]));
  const parsed = schema.safeParse(parseArgs({ options }).values);
  if (!parsed.success) return { print: `${z.prettifyError(parsed.error)}\n\n${usage}`, exitCode: 2 };
  return parsed.data.help ? { print: usage, exitCode: 0 } : parsed.data;
}

/** What of them a run takes; the seed is another one each time. */
export function runOptionsOf(options: ProgramOptions): Omit<RunOptions, 'seed'> {
  const { size, world, scale, claims, services, allocation, without } = options;
  const leftOut = options['leave-out'];
  return {
    size,
    world,
    scale,
    claims: claims === undefined ? undefined : claims === 'yes',
    services: services === undefined ? undefined : services === 'yes',
    allocation,
    without,
    leftOut: leftOut ? new Set(leftOut) : undefined,
  };
}

function inLines(words: readonly string[], width: number): string {
  const lines = [' '];
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}
