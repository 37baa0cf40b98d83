// `npm run first-day`: one command for a person with an account: deploys, plays a small shop's day, has a spot node
// interrupted, removes all of it, and leaves a dated file to send back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ownAccess } from '../../../lib/adapters/aws/own-credentials.ts';
import { playDay, StoppedError } from './day.ts';
import { awsPlace, cleaning } from './on-aws.ts';
import { localPlace } from './on-localcloud.ts';
import type { Place } from './place.ts';
import { planText, usdAtMost } from './plan.ts';

const usage = `npm run first-day -- --yes --max-usd N [options]   a first day on AWS, from the deployment to the removal

  --plan             the steps, their time and price, and what they need: calls nobody
  --yes --max-usd N  needed on AWS: it is refused where it could cost more
  --max-minutes N    then the removal begins, however far it came (60)
  --region REGION    default: AWS_REGION, or the profile's
  --local            on the local cloud instead, which costs nothing (needs Python)
  --clean            only remove what a killed run left
  --out FILE         what was seen, as JSON (first-day-DATE.json)
  --help

Exit 0: all that was seen is as it should be. 1: something is different. 2: wrong usage. 4: something is left in AWS.
`;
const exits = { ok: 0, different: 1, usage: 2, left: 4 } as const;
const pool = 'default';

class UsageError extends Error {}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  say(`bellows: ${error.message}`);
  return exits.usage;
});

async function main(): Promise<number> {
  const values = readOptions();
  const minutesMax = numberOf('--max-minutes', values['max-minutes'], 10, 240);
  if (values.help) {
    process.stdout.write(usage);
    return exits.ok;
  }
  if (values.plan) {
    process.stdout.write(planText(minutesMax));
    return exits.ok;
  }
  const place = values.local ? localPlace(pool) : await placeOnAws(values, minutesMax);
  if (values.clean) return clean(place);
  const before = await place.before();
  if (before !== null) throw new UsageError(`${before}: of an earlier run? ${cleaning}`);
  if (!values.local) say(`should this be killed: ${cleaning}`);
  const folder = mkdtempSync(join(tmpdir(), 'bellows-first-day-run-'));
  try {
    const day = await playDay(place, {
      pool,
      untilMs: performance.now() + minutesMax * 60_000,
      interruptedSeconds: values.local ? 8 : 180,
      acceptedFile: join(folder, 'accepted.txt'),
      goOn: untilInterrupted(),
      say,
      pollMs: values.local ? 500 : 5_000,
    });
    const at = new Date().toISOString();
    const file = values.out ?? `first-day-${at.slice(0, 10)}.json`;
    writeFileSync(file, `${JSON.stringify({ at, place: place.name, minutesMax, ...day }, null, 2)}\n`);
    say(`${file} has what was seen: send it back, and look at the bill in a day (docs/first-day.md)`);
    if (day.left.length > 0) say(`left: ${day.left.join(', ')}; ${cleaning}`);
    if (day.left.length > 0) return exits.left;
    return day.seen.some((one) => one.verdict === 'different') ? exits.different : exits.ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function placeOnAws(values: Values, minutesMax: number): Promise<Place> {
  if (!values.yes && !values.clean) throw new UsageError(`it costs money: --yes --max-usd N, or --plan\n${usage}`);
  const atMost = usdAtMost(minutesMax);
  const usdMax = values.clean ? atMost : numberOf('--max-usd', values['max-usd'], 0, 100);
  if (usdMax < atMost)
    throw new UsageError(
      `it could cost ${atMost.toFixed(2)} USD, which is more than --max-usd; fewer --max-minutes cost less`,
    );
  const access = ownAccess();
  const { env } = process;
  const region = values.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? (await access.region());
  if (region === null) throw new UsageError('no region is known: give --region or AWS_REGION');
  return awsPlace({ pool, region, usdMax, credentials: access.credentials, say });
}

async function clean(place: Place): Promise<number> {
  await place.remove();
  const left = await place.left();
  say(left.length === 0 ? 'nothing is left' : `left: ${left.join(', ')}`);
  return left.length === 0 ? exits.ok : exits.left;
}

/** Throws once the run was interrupted; a second interruption ends the process at once. */
function untilInterrupted(): () => void {
  let isInterrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (isInterrupted) {
        say(`left as it is; ${cleaning}`);
        process.exit(exits.left);
      }
      isInterrupted = true;
      say('interrupted: what was made is being removed (once more to leave it as it is)');
    });
  return () => {
    if (isInterrupted) throw new StoppedError('it was interrupted');
  };
}

type Values = ReturnType<typeof readOptions>;

function readOptions() {
  try {
    return parseArgs({
      options: {
        plan: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        'max-usd': { type: 'string' },
        'max-minutes': { type: 'string', default: '60' },
        region: { type: 'string' },
        local: { type: 'boolean', default: false },
        clean: { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function numberOf(name: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text);
  if (text !== undefined && text.trim() !== '' && value >= least && value <= most) return value;
  throw new UsageError(`${name} ${text ?? 'is missing; it'} must be a number from ${String(least)} to ${String(most)}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
