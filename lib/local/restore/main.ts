// `npm run restore`: what came of EC2 while a table that was restored from a point in time did not know, and with --yes
// the records and EC2 brought together again. Run by an operator, while the installation's functions stand still.
import { parseArgs } from 'node:util';
import { NoCredentialsError, ownAccess } from '../../adapters/aws/own-credentials.ts';
import { JsonLog } from '../../adapters/system/log.ts';
import { LostClaimsError } from '../../control/sweep/restored/reconcile.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { restore, UnfinishedRestoreError } from './restore.ts';
import { restoredText } from './text.ts';

const usage = `npm run restore -- --stack NAME [--from TABLE] [options]   after a point-in-time restore of the table

  --stack NAME     the stack, e.g. Bellows-default
  --from TABLE     the table that DynamoDB restored: its items go back into the stack's table
  --yes            do it; without, it looks and changes nothing
  --end-claims     with --yes: machines, volumes and groups of requests that are gone are ended, volumes copied first
  --region REGION  default: AWS_REGION, or the profile's
  --json           for programs
  --help

Exit 0: done, or looked. 1: refused, or something is left. 2: wrong usage. 3: claims of the lost time need your word.
`;
const exits = { ok: 0, left: 1, usage: 2, claims: 3 } as const;

process.exitCode = await run();

async function run(): Promise<number> {
  const values = readOptions();
  if (values === null) return exits.usage;
  if (values.help) {
    process.stdout.write(usage);
    return exits.ok;
  }
  const access = ownAccess();
  const { env } = process;
  const region = values.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? (await access.region());
  if (region === null) return refuse('no region is known: give --region or AWS_REGION', exits.usage);
  try {
    const restored = await restore({
      stack: values.stack,
      from: values.from ?? null,
      isYes: values.yes,
      endsClaims: values['end-claims'],
      optionsOf: (service) => ({
        region,
        credentials: access.credentials,
        endpoint: env[`AWS_ENDPOINT_URL_${service}`] ?? env['AWS_ENDPOINT_URL'],
      }),
      log: new JsonLog({ write: (line) => process.stderr.write(line) }),
    });
    process.stdout.write(values.json ? `${JSON.stringify(restored, null, 2)}\n` : restoredText(restored));
    const { done } = restored;
    const left = done === null ? 0 : done.refused.length + done.after.nodes.length + done.after.lost.length;
    return left === 0 ? exits.ok : exits.left;
  } catch (error) {
    if (hasLostClaims(error)) return refuse(error.message, exits.claims);
    if (error instanceof BellowsError || error instanceof NoCredentialsError) return refuse(error.message, exits.left);
    throw error;
  }
}

/** Before anything was changed, or, where EC2 told of them late, after the copy. */
function hasLostClaims(error: unknown): error is BellowsError {
  return (
    error instanceof LostClaimsError
    || (error instanceof UnfinishedRestoreError && error.cause instanceof LostClaimsError)
  );
}

interface Values {
  readonly stack: string;
  readonly from?: string | undefined;
  readonly yes: boolean;
  readonly 'end-claims': boolean;
  readonly region?: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

function readOptions(): Values | null {
  try {
    const { values } = parseArgs({
      options: {
        stack: { type: 'string' },
        from: { type: 'string' },
        yes: { type: 'boolean', default: false },
        'end-claims': { type: 'boolean', default: false },
        region: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (!values.help && values.stack === undefined) throw new RangeError('--stack is missing');
    if (values['end-claims'] && !values.yes) throw new RangeError('--end-claims does nothing without --yes');
    return { ...values, stack: values.stack ?? '' };
  } catch (error) {
    refuse(`${error instanceof Error ? error.message : String(error)}\n${usage}`, exits.usage);
    return null;
  }
}

function refuse(why: string, exit: number): number {
  process.stderr.write(`bellows: ${why}\n`);
  return exit;
}
