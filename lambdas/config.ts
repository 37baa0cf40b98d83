// Configuration of the functions: their environment, parsed once by a schema when a function starts. What is missing or
// wrong stops it there, with the variable's name, instead of failing some request later.
import * as z from 'zod';
import { labelKeysMax } from '../lib/control/requests/lists/listed.ts';
import { BellowsError } from '../lib/core/values/errors.ts';

export class ConfigError extends BellowsError {
  constructor(problems: string) {
    super(
      'invalid_config',
      `the function's environment is wrong; deploy it again or correct these variables:\n${problems}`,
    );
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError that names each variable */
export function readConfig<S extends z.ZodType>(schema: S, environment: Environment): z.output<S> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new ConfigError(z.prettifyError(parsed.error));
}

/** A variable that holds JSON. */
export function jsonOf<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.addIssue(`must be JSON: ${error instanceof Error ? error.message : String(error)}`);
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const endpoint = z.url({ protocol: /^https?$/ }).optional();

/** What every function is given. Endpoints as the SDKs read them: a local cloud sets them, AWS does not. */
export const commonConfig = z.object({
  AWS_REGION: z.string().min(1),
  BELLOWS_INSTALLATION: z.string().min(1),
  BELLOWS_TABLE: z.string().min(1),
  BELLOWS_EVENT_BUS: z.string().min(1),
  BELLOWS_OUTPUTS_BUCKET: z.string().min(1),
  AWS_ENDPOINT_URL: endpoint,
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint,
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ENDPOINT_URL_EC2: endpoint,
  AWS_ENDPOINT_URL_PRICING: endpoint,
  AWS_ENDPOINT_URL_SQS: endpoint,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
  AWS_ENDPOINT_URL_SSM: endpoint,
  AWS_ENDPOINT_URL_STS: endpoint,
  AWS_ENDPOINT_URL_ECR: endpoint,
  AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: endpoint,
  AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
});

export type EndpointName =
  | ('DYNAMODB' | 'EVENTBRIDGE' | 'S3' | 'EC2' | 'PRICING' | 'SQS' | 'SECRETS_MANAGER' | 'SSM' | 'STS' | 'ECR')
  | ('ELASTIC_LOAD_BALANCING_V2' | 'CLOUDWATCH');

/** undefined: the service's own. */
export function endpointOf(config: z.output<typeof commonConfig>, name: EndpointName): string | undefined {
  return config[`AWS_ENDPOINT_URL_${name}`] ?? config.AWS_ENDPOINT_URL;
}

const subnets = z.array(z.object({ zone: z.string().min(1), subnetId: z.string().min(1) })).min(1);

/** Whose tenant is whose, by ARN. */
export const apiConfig = commonConfig.extend({
  BELLOWS_TENANTS: jsonOf(z.record(z.string(), z.string().min(1))).default({}),
  BELLOWS_SUBNETS: jsonOf(subnets).optional(),
  /** Labels by which requests are indexed. */
  BELLOWS_LABEL_KEYS: jsonOf(z.array(z.string().min(1)).max(labelKeysMax)).default([]),
});

/** PEM, or base64 of it as a kubeconfig has it. */
const authority = z
  .string()
  .transform((text) => (text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString()))
  .refine((text) => text.includes('-----BEGIN CERTIFICATE-----'), 'must be a certificate in PEM, or base64 of it')
  .optional();

const https = z.url({ protocol: /^https$/ });
const word = z.string().min(1);

/** As lib/infra/functions/secret-sources.ts writes it. */
const secretSources = z.strictObject({
  vault: z
    .strictObject({
      address: https,
      role: word,
      mount: word.optional(),
      serverId: word.optional(),
      region: word.optional(),
      ca: authority,
    })
    .optional(),
  kubernetes: z.strictObject({ url: https, tokenSecret: word, ca: authority }).optional(),
});

export const agentConfig = commonConfig.extend({
  /** Where secrets are, beside Secrets Manager and SSM. */
  BELLOWS_SECRET_SOURCES: jsonOf(secretSources).default({}),
  /** The unique id of the nodes' role. */
  BELLOWS_NODE_ROLE_ID: z.string().regex(/^[A-Z0-9]{16,128}$/, "must be the unique id (AROA…) of the nodes' role"),
  /** The same role, for the policies of its nodes' bells. */
  BELLOWS_NODE_ROLE_ARN: z.string().regex(/^arn:[^:]+:iam::\d{12}:role\/.+$/, "must be the ARN of the nodes' role"),
});

const template = z.object({
  id: z.string().min(1),
  version: z.coerce.string().regex(/^\d+$/, 'must be a number: $Latest would change under a launch that is repeated'),
});

const templatesByArch = z.object({ x86_64: template, arm64: template });

/** Where machines are made, and as what: see MachinePlaces of the resources adapter. */
const machines = z.object({
  vpcId: z.string().min(1),
  plainGroupId: z.string().min(1),
  nodeGroupId: z.string().min(1),
  addresses: z.enum(['public-ipv4', 'ipv6', 'nat']),
  images: z.object({ amd64: z.string().min(1), arm64: z.string().min(1) }),
  instanceProfiles: z.array(z.object({ name: z.string().min(1), arn: z.string().min(1) })),
});

export const schedulerConfig = commonConfig.extend({
  BELLOWS_MACHINES: jsonOf(machines),
  BELLOWS_LAUNCH_TEMPLATES: jsonOf(templatesByArch.extend({ burstable: templatesByArch, gpu: templatesByArch })),
  BELLOWS_SUBNETS: jsonOf(subnets),
  BELLOWS_ROOT_VOLUME_GIB: z.coerce.number().int().min(0),
});

export const eventsConfig = commonConfig;

export const installationConfig = commonConfig.extend({ BELLOWS_SUBNETS: jsonOf(subnets) });

/** The credentials that Lambda gives a function's environment; asked for at each call. */
export function environmentCredentials(
  environment: Environment,
): () => { accessKeyId: string; secretAccessKey: string; sessionToken?: string } {
  return () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = environment;
    if (!accessKeyId || !secretAccessKey)
      throw new ConfigError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    return sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
  };
}
