// A Vault and a cluster of Kubernetes that the agent function reads secrets of. Its environment says where they are; it
// has no secret itself.
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** The function logs in with Vault's AWS auth method, type iam, as `agentRole` of the construct. */
export interface VaultSource {
  /** E.g. https://vault.example.org:8200; the function is in no VPC, so that has to be reached from outside. */
  readonly address: string;
  /** Of the auth method in Vault; its `bound_iam_principal_arn` has `agentRole`. */
  readonly role: string;
  /** Where the auth method is mounted. @default 'aws' */
  readonly mount?: string;
  /** `iam_server_id_header_value` of the mount. @default - it asks for none */
  readonly serverId?: string;
  /** `sts_region` of the mount; needed in China and GovCloud. @default - the global STS, as Vault's own default is */
  readonly region?: string;
  /** Who signed its certificate, in PEM or base64 of it. @default - a public authority */
  readonly ca?: string;
}

export interface KubernetesSource {
  /** Of the cluster's API, e.g. https://k8s.example.org:6443; it has to be reached from outside of a VPC. */
  readonly url: string;
  /** Its text is the token of a service account. Read whenever a task's secret is; no task can be given it. */
  readonly tokenSecret: secretsmanager.ISecret;
  /** Who signed its certificate: `certificate-authority-data` of a kubeconfig, or PEM. @default - a public authority */
  readonly ca?: string;
}

export interface SecretSources {
  readonly vault?: VaultSource;
  readonly kubernetes?: KubernetesSource;
}

/** Of the 4 KB that Lambda has for all variables of a function. What only CloudFormation knows counts as its name. */
const bytesMax = 3_000;

const shapes = {
  role: /^[\w.-]{1,128}$/,
  mount: /^[\w.-]+(?:\/[\w.-]+)*$/,
  serverId: /^[\x21-\x7e]{1,256}$/,
  region: /^[a-z]{2}(?:-[a-z]+)+-\d$/,
} as const;

/** The variable of the function, none where nothing is configured. @throws RangeError for what cannot work */
export function sourcesEnvironment(scope: Construct, sources: SecretSources = {}): Readonly<Record<string, string>> {
  const { vault, kubernetes } = sources;
  if (vault === undefined && kubernetes === undefined) return {};
  if (vault !== undefined) checkVault(vault);
  if (kubernetes !== undefined) checkHttps('kubernetes.url', kubernetes.url);
  const written = {
    vault: vault && { ...vault },
    kubernetes: kubernetes && { ...kubernetes, tokenSecret: arnOf(kubernetes) },
  };
  const bytes = Buffer.byteLength(JSON.stringify(written));
  if (bytes > bytesMax)
    throw new RangeError(
      `secretSources take ${String(bytes)} bytes, and at most ${String(bytesMax)} are in the function's environment: `
        + 'give only the certificate that signed the place\'s own as "ca"',
    );
  return { BELLOWS_SECRET_SOURCES: Stack.of(scope).toJsonString(written) };
}

/** For the token alone, and for the key of its secret where that is one of yours. */
export function sourceStatements({ kubernetes }: SecretSources = {}): readonly iam.PolicyStatement[] {
  if (kubernetes === undefined) return [];
  const { encryptionKey } = kubernetes.tokenSecret;
  const read = { sid: 'KubernetesToken', actions: ['secretsmanager:GetSecretValue'], resources: [arnOf(kubernetes)] };
  const decrypt = encryptionKey && {
    sid: 'KubernetesTokenKey',
    actions: ['kms:Decrypt'],
    resources: [encryptionKey.keyArn],
  };
  return [read, ...(decrypt === undefined ? [] : [decrypt])].map((one) => new iam.PolicyStatement(one));
}

/** @throws RangeError where only its name is known: the permission is for its whole ARN */
function arnOf({ tokenSecret }: KubernetesSource): string {
  if (tokenSecret.secretFullArn !== undefined) return tokenSecret.secretFullArn;
  throw new RangeError(
    `secretSources.kubernetes.tokenSecret is ${tokenSecret.secretName} by its name; give it by its whole ARN, with `
      + 'Secret.fromSecretCompleteArn',
  );
}

function checkVault(vault: VaultSource): void {
  checkHttps('vault.address', vault.address);
  for (const [name, shape] of Object.entries(shapes)) {
    const text = vault[name as keyof typeof shapes];
    if (text !== undefined && !Token.isUnresolved(text) && !shape.test(text))
      throw new RangeError(`secretSources.vault.${name} is ${JSON.stringify(text)}, and must be like ${shape.source}`);
  }
}

/** Secrets would be read by anybody on the way, and a token with them. */
function checkHttps(name: string, url: string): void {
  if (!Token.isUnresolved(url) && !(URL.canParse(url) && new URL(url).protocol === 'https:'))
    throw new RangeError(`secretSources.${name} is ${JSON.stringify(url)}, and must be a URL with https`);
}
