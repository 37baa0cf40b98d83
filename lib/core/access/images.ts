// Images of registries that ask who fetches them: what a task names for that, and what a registry is shown. A login is
// in no record.
import type { RoleGrant } from './roles.ts';
import { mayHaveRole } from './roles.ts';
import type { SecretGrant, SecretRef } from './secrets.ts';
import { secretsRefused } from './secrets.ts';

/** Exactly one of both. */
export interface ImageCredentials {
  /** A reference, as of a secret: what is kept there has a user and a password. */
  readonly secret?: string;
  /** The ARN of a role that may fetch from a repository of ECR. The task does not act as it. */
  readonly role?: string;
}

/** Only passes through, to the client of a container engine. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** What the agent is answered. `from`: for people, what a registry that refuses it has refused. */
export interface GivenLogin extends RegistryLogin {
  readonly from: string;
}

const dockerHub = 'docker.io';

/** The registry that an image's name means, as docker reads it: without a host it is Docker Hub. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost && !/^(?:index|registry-1)\.docker\.io$/.test(first) ? first : dockerHub;
}

const ecrHost = new RegExp(
  '^(\\d{12})\\.dkr[.-]ecr(?:-fips)?\\.([a-z]{2}(?:-[a-z]+)+-\\d)'
    + '\\.(?:amazonaws\\.com(?:\\.cn)?|on\\.(?:aws|amazonwebservices\\.com\\.cn))$',
);

/** Of a private repository of ECR (docs.aws.amazon.com/AmazonECR, "Private registry"); null: it is of none. */
export function ecrOf(image: string): { readonly account: string; readonly region: string } | null {
  const [, account, region] = ecrHost.exec(registryOf(image)) ?? [];
  return account === undefined || region === undefined ? null : { account, region };
}

/** As {@link secretsRefused} names it. */
export function imageSecret({ secret }: ImageCredentials): readonly SecretRef[] {
  return secret === undefined ? [] : [{ name: 'imageCredentials', from: secret, as: 'file' }];
}

/** Everything that a task's pool has to allow, and does not. */
export function accessRefused(
  task: {
    readonly secrets?: readonly SecretRef[];
    readonly role?: string;
    readonly imageCredentials?: ImageCredentials;
  },
  grants: { readonly secrets?: readonly SecretGrant[]; readonly roles?: readonly RoleGrant[] },
  tenant: string,
): { readonly secrets: readonly SecretRef[]; readonly role: string | null } {
  const { secrets = [], role, imageCredentials = {} } = task;
  const roles = [role, imageCredentials.role].filter((one) => one !== undefined);
  return {
    secrets: secretsRefused([...secrets, ...imageSecret(imageCredentials)], grants.secrets ?? [], tenant),
    role: roles.find((one) => !mayHaveRole(grants.roles ?? [], tenant, one)) ?? null,
  };
}
