// The app's options, from CDK context, parsed once.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { BellowsProps } from './props.ts';

const wholeNumber = z.coerce.number().int().min(1);

const options = z.strictObject({
  installation: z.string().default('default'),
  /** A JSON file with a list of pools. */
  pools: z.string().optional(),
  network: z.enum(['public-ipv4', 'ipv6', 'nat', 'private']).optional(),
  vpc: z
    .string()
    .regex(/^vpc-[0-9a-f]+$/, 'must be the id of a VPC')
    .optional(),
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be 12 digits')
    .optional(),
  region: z.string().optional(),
  keepData: z.stringbool().optional(),
  rootVolumeGib: wholeNumber.optional(),
  nodeImage: z.enum(['plain', 'baked']).optional(),
  nodeImageSerial: z.string().min(1).optional(),
  /** A mirror of nodejs.org/dist, or a folder. */
  nodeRuntime: z.string().min(1).optional(),
  /** `scheduler=5,agent=20` */
  reservedConcurrency: z
    .string()
    .transform((text) =>
      Object.fromEntries(
        text.split(',').map((one): readonly [string, unknown] => {
          const [name = '', count] = one.split('=', 2);
          return [name, count];
        }),
      ),
    )
    .pipe(
      z.strictObject({ api: wholeNumber, agent: wholeNumber, scheduler: wholeNumber, events: wholeNumber }).partial(),
    )
    .optional(),
  /** Separated by commas. */
  targetGroups: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
  /** Separated by commas. */
  labelKeys: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
});

/** Pools of a file's text, as the API would take them. @throws Error that names the file, the pool and what is wrong */
export type ParsePools = (text: string, file: string) => NonNullable<BellowsProps['pools']>;

export type AppOptions = BellowsProps & {
  readonly installation: string;
  readonly vpcId?: string;
  readonly account?: string;
  readonly region?: string;
};

/** @throws Error that names the option */
export function readOptions(context: (name: string) => unknown, parsePools: ParsePools): AppOptions {
  const given = Object.fromEntries<unknown>(
    Object.keys(options.shape)
      .map((name): readonly [string, unknown] => [name, context(name)])
      .filter(([, value]) => value !== undefined),
  );
  const parsed = options.safeParse(given);
  if (!parsed.success) throw new Error(`-c options are wrong:\n${z.prettifyError(parsed.error)}`);
  const { pools, vpc, account, region, ...rest } = parsed.data;
  if (vpc !== undefined && (account === undefined || region === undefined))
    throw new Error('-c vpc=… needs -c account=… and -c region=…, so that its subnets can be looked up');
  const present: Omit<AppOptions, 'installation' | 'pools'> = Object.fromEntries<unknown>(
    Object.entries({ vpcId: vpc, account, region, ...rest }).filter(([, value]) => value !== undefined),
  );
  return {
    ...present,
    installation: rest.installation,
    ...(pools === undefined ? {} : { pools: parsePools(readFileSync(pools, 'utf8'), pools) }),
  };
}
