// Secrets as the API takes and shows them: where they are kept and who may use which, never their values.
import * as z from 'zod';
import { secretGrantsMax, secretsMax, secretStores } from '../../../core/access/secrets.ts';
import type { SecretGrant, SecretRef } from '../../../core/access/secrets.ts';
import { ecrOf } from '../../../core/access/images.ts';
import { compact, tenantsField, tenantsView } from '../values.ts';
import { role } from './roles.ts';

const stores = secretStores.join('|');
const name = z
  .string()
  .regex(
    /^(?!BELLOWS_|__proto__$)[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    'must be letters, digits and "_", not beginning with a digit or BELLOWS_',
  );

/** Nothing that a URL or a file system would take for another place. */
function isPlain(from: string): boolean {
  return !from
    .slice(from.indexOf(':') + 1)
    .replace(/#.*$/, '')
    .split('/')
    .some((part, at) => part === '.' || part === '..' || (part === '' && at > 0));
}

const from = z
  .string()
  .max(600)
  .regex(
    new RegExp(`^(?:${stores}):[A-Za-z0-9/_+=.@:-]{1,512}(?:#[A-Za-z0-9_.-]{1,64})?$`),
    `must be STORE:PLACE or STORE:PLACE#KEY, with STORE one of ${secretStores.join(', ')}`,
  )
  .refine(isPlain, 'must have no empty part, "." or ".." in its path');

export const secrets = z
  .array(
    z.strictObject({
      name: name.meta({ description: 'Of the environment variable or the file.' }),
      from: from.meta({
        description:
          'aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine; vault:MOUNT/PATH '
          + 'and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.',
      }),
      as: z
        .enum(['env', 'file'], 'must be "env" or "file"')
        .default('env')
        .meta({ description: 'A file is in the folder BELLOWS_SECRETS, in memory.' }),
    }),
    'must be a list like [{"name": "TOKEN", "from": "ssm:/shop/token"}]',
  )
  .min(1)
  .max(secretsMax)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'must have each name once');

export const imageCredentials = z
  .strictObject(
    {
      secret: from
        .optional()
        .meta({ description: 'Where a user and a password are kept, as JSON: {"username": …, "password": …}.' }),
      role: role
        .optional()
        .meta({ description: 'The ARN of a role that may fetch it from ECR. The task does not act as it.' }),
    },
    'must be like {"secret": "aws-secret:ci/registry"}, or {"role": "arn:aws:iam::…:role/…"} for ECR',
  )
  .meta({
    description:
      'What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.',
  });

export const imageCredentialsView = z.object({ secret: z.string().exactOptional(), role: z.string().exactOptional() });

/** What is wrong with them beside each by itself. */
function checkImageCredentials({ imageCredentials: given, image }: Secretive, context: z.RefinementCtx): void {
  if (given === undefined) return;
  const fail = (path: readonly string[], message: string): void => {
    context.addIssue({ code: 'custom', path: ['imageCredentials', ...path], message });
  };
  if (image === undefined) return fail([], 'are for a task with an image');
  if ((given.secret === undefined) === (given.role === undefined))
    return fail([], 'give exactly one of secret and role');
  if (given.role !== undefined && ecrOf(image) === null)
    fail(['role'], 'is for images of ECR, e.g. 123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1; give a secret');
}

const pattern = z
  .string()
  .max(600)
  .regex(
    new RegExp(`^(?:${stores}):(?:[A-Za-z0-9/_+=.@:#-]{0,512}\\*|[A-Za-z0-9/_+=.@:#-]{1,512})$`),
    `must be STORE:PLACE, or the beginning of some and "*", with STORE one of ${secretStores.join(', ')}`,
  );

export const secretGrants = z
  .array(
    z.strictObject({
      from: pattern.meta({ description: 'A reference, or the beginning of some and "*".' }),
      tenants: tenantsField("Whose tasks; everybody's unless given."),
    }),
  )
  .max(secretGrantsMax);

export const secretsView = z.array(z.object({ name: z.string(), from: z.string(), as: z.enum(['env', 'file']) }));
export const secretGrantsView = z.array(z.object({ from: z.string(), tenants: tenantsView })).readonly();

export interface Secretive {
  readonly secrets?: readonly SecretRef[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly image?: string | undefined;
  readonly imageCredentials?: z.output<typeof imageCredentials> | undefined;
}

/** What is wrong with a task's secrets beside each by itself. */
export function checkSecrets(task: Secretive, context: z.RefinementCtx): void {
  const { secrets: given = [], env, image } = task;
  checkImageCredentials(task, context);
  for (const [at, { name: own, as }] of given.entries()) {
    if (as !== 'env') continue;
    // The engine writes a container's environment to its disk.
    const ofImage = 'must be {"as": "file"} in a task with an image: a container engine keeps variables on its disk';
    const message = Object.hasOwn(env, own) ? `${own} is in env, too` : image === undefined ? null : ofImage;
    if (message !== null) context.addIssue({ code: 'custom', path: ['secrets', at], message });
  }
}

export function grantsOf(grants: z.output<typeof secretGrants>): readonly SecretGrant[] {
  return grants.map((one) => compact({ from: one.from, tenants: one.tenants }));
}
