// The configuration of the embedded server: environment and arguments, validated once.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { labelKey } from '../../api/schemas/values.ts';
import { labelKeysMax } from '../../control/requests/lists/listed.ts';
import { BellowsError } from '../../core/values/errors.ts';

export interface LocalConfig {
  /** Absolute. */
  readonly home: string;
  readonly port: number;
  /** Of the proxy to services. */
  readonly proxyPort: number;
  /** Most task processes at once, over all simulated nodes. */
  readonly processesMax: number;
  readonly labelKeys?: readonly string[];
  /** Where the simulated EC2 is controlled; 0: any free port; null: nowhere. */
  readonly ec2ControlPort: number | null;
  readonly mode: 'shop' | 'empty' | 'chaos';
  /** Ends after the summary. */
  readonly isOnce: boolean;
  /** Of the chaos: the same seed kills at the same moments and in the same order. */
  readonly seed: string;
}

/** Exit code 2. */
export class UsageError extends BellowsError {
  constructor(message: string) {
    super('usage', `${message}\n\n${usage}`);
  }
}

export const usage = `npm start [-- OPTIONS]      the local control plane, and a shop's day on it

  --once        end after the summary (exit 0 only if every request ended as it should, 5 if the machine is too busy)
  --empty       without the shop's day
  --chaos       kill the server every 10 s and a random agent every 5 s for a minute, then audit
  --seed TEXT   which chaos (default "1")
  --ec2-control PORT
                opens the simulated EC2's control door, http://127.0.0.1:PORT/_sim/…: shortages, quotas, prices and
                interruptions for your own pools (docs/local.md; 0: any port)
  --help

  BELLOWS_HOME             where state is kept (default .bellows)
  BELLOWS_PORT             port on 127.0.0.1 (default 4780; 0: any)
  BELLOWS_PROXY_PORT       port on 127.0.0.1 where services are reached (default BELLOWS_PORT + 100)
  BELLOWS_EC2_CONTROL      as --ec2-control (default: the door is shut)
  BELLOWS_LOCAL_PROCESSES  most task processes at once (default 4 per core)
  BELLOWS_LABEL_KEYS       labels by which requests are indexed, e.g. team,env (default none)`;

const wholeNumber = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,6}$/, `must be a whole number from ${String(min)} to ${String(max)}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${String(min)} to ${String(max)}`);

const labelKeys = z
  .string()
  .transform((text) => text.split(',').filter((key) => key !== ''))
  .refine(
    (keys) => keys.every((key) => labelKey.safeParse(key).success),
    'must be keys of labels, separated by commas, e.g. "team,env"',
  )
  .refine((keys) => keys.length <= labelKeysMax, `must be at most ${String(labelKeysMax)} keys, separated by commas`);

const environment = z.object({
  BELLOWS_HOME: z.string().min(1, 'must name a folder').default('.bellows'),
  BELLOWS_PORT: wholeNumber(0, 65_535).default(4_780),
  BELLOWS_PROXY_PORT: wholeNumber(0, 65_535).optional(),
  BELLOWS_EC2_CONTROL: wholeNumber(0, 65_535).optional(),
  BELLOWS_LABEL_KEYS: labelKeys.default([]),
  BELLOWS_LOCAL_PROCESSES: wholeNumber(1, 10_000).default(() => 4 * availableParallelism()),
});

const options = {
  once: { type: 'boolean', default: false },
  empty: { type: 'boolean', default: false },
  chaos: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  'ec2-control': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Not the next one: a second server of the same machine may be there. */
function proxyPortOf(port: number): number {
  return port === 0 || port > 65_435 ? 0 : port + 100;
}

/** null: help was asked for. @throws UsageError */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): LocalConfig | null {
  let values;
  try {
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return null;
  if (values.empty && values.chaos) throw new UsageError('--empty and --chaos exclude each other');
  if (values.empty && values.once) throw new UsageError("--once ends after the shop's day, which --empty leaves out");
  const parsed = environment.safeParse(env);
  const door = values['ec2-control'];
  const doorPort = wholeNumber(0, 65_535).optional().safeParse(door);
  if (!doorPort.success)
    throw new UsageError(`--ec2-control ${doorPort.error.issues[0]?.message ?? 'is invalid'} (it is "${door ?? ''}")`);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `${String(issue?.path[0] ?? 'environment')} ${issue?.message ?? 'is invalid'} (it is `
        + `${JSON.stringify(env[String(issue?.path[0])] ?? '')})`,
    );
  }
  if (values.chaos && parsed.data.BELLOWS_PORT === 0)
    throw new UsageError('--chaos needs a BELLOWS_PORT: its server comes back on the same one');
  const ec2ControlPort = doorPort.data ?? parsed.data.BELLOWS_EC2_CONTROL ?? null;
  if (values.chaos && ec2ControlPort !== null)
    throw new UsageError('--chaos and --ec2-control (or BELLOWS_EC2_CONTROL) exclude each other');
  return {
    home: resolve(parsed.data.BELLOWS_HOME),
    port: parsed.data.BELLOWS_PORT,
    proxyPort: parsed.data.BELLOWS_PROXY_PORT ?? proxyPortOf(parsed.data.BELLOWS_PORT),
    processesMax: parsed.data.BELLOWS_LOCAL_PROCESSES,
    labelKeys: parsed.data.BELLOWS_LABEL_KEYS,
    ec2ControlPort,
    mode: values.chaos ? 'chaos' : values.empty ? 'empty' : 'shop',
    isOnce: values.once,
    seed: values.seed,
  };
}
