// What one can say about an installation; everything has a default that is right for most.
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { NodeArchives } from './compute/node-runtime.ts';
import type { SecretSources } from './functions/secret-sources.ts';

/**
 * How nodes reach the controller, S3 and the world. Prices are in docs/network.md.
 * - `public-ipv4`: an address of its own per node and no inbound rule. Costs nothing while nothing runs.
 * - `ipv6`: IPv6 only outwards (egress-only gateway). Free; what has no IPv6 address is out of the tasks' reach.
 * - `nat`: private subnets behind one NAT gateway, which costs whether or not anything runs.
 * - `private`: subnets without a way out. Nodes reach the controller through an endpoint in the VPC and S3
 *   through another; the first costs per zone whether or not anything runs. Tasks reach nothing else.
 */
export type NodeNetwork = 'public-ipv4' | 'ipv6' | 'nat' | 'private';

/** A pool as in `PUT /v1/pools/{name}`; declared at each deployment. Pools made through the API are left alone. */
export interface PoolDeclaration {
  readonly name: string;
  readonly [setting: string]: unknown;
}

export interface BellowsAuth {
  /**
   * Tenant by role or user ARN (without a session): requests of one tenant are invisible to the others.
   * @default - the role's or user's name is the tenant
   */
  readonly tenants?: Readonly<Record<string, string>>;
}

export interface BellowsThrottle {
  /** @default 500 */
  readonly requestsPerSecond?: number;
  /** @default 1000 */
  readonly burst?: number;
}

export interface ReservedConcurrency {
  readonly api?: number;
  readonly agent?: number;
  readonly scheduler?: number;
  readonly events?: number;
}

export interface BellowsProps {
  /**
   * The name by which this installation knows its own instances; unique in the account and region.
   * 1 to 32 of a-z, 0-9 and "-".
   * @default 'default'
   */
  readonly installation?: string;
  /**
   * Pools to declare.
   * @default - none; declare them with `./bellows pool apply`
   */
  readonly pools?: readonly PoolDeclaration[];
  /**
   * Where nodes live.
   * @default - a VPC of its own, with a subnet per zone and nothing in it that costs while idle
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Which subnets of `vpc`; one per zone is used.
   * @default - public ones for `public-ipv4`, isolated ones for `private`, private ones otherwise
   */
  readonly subnets?: ec2.SubnetSelection;
  /** @default 'public-ipv4' */
  readonly network?: NodeNetwork;
  /**
   * Labels by which `GET /v1/requests?label=` finds requests without reading all; 5 at most, each a write unit per
   * request that has it (docs/store.md).
   * @default - none: by any label, but slowly where there are many requests
   */
  readonly labelKeys?: readonly string[];
  /** @default - each role or user is a tenant of its own */
  readonly auth?: BellowsAuth;
  /** Of the applications' API. The agents' API is paced by the controller and throttled at ten times this. */
  readonly throttle?: BellowsThrottle;
  /**
   * Executions of Lambda kept for a function: nothing else in the account can take them, and it never has more. A tick
   * of a pool is one execution of the scheduler. The account keeps 100 for all that reserves nothing.
   * @default - none: they share the account's, which is 10 in a new account (preflight says so)
   */
  readonly reservedConcurrency?: ReservedConcurrency;
  /**
   * Notified when an alarm is in ALARM.
   * @default - alarms only change their state
   */
  readonly alarmTopic?: sns.ITopic;
  /**
   * Instance profiles that virtual machines may be given (`role` of a request, by name or ARN). Whoever may send
   * requests can act as these roles, from a machine.
   * @default - machines have no role
   */
  readonly machineProfiles?: readonly iam.IInstanceProfile[];
  /**
   * ARNs of the secrets of Secrets Manager and the SSM parameters that tasks may be given, where their pool allows it;
   * with `*` at the end for several. Secrets Manager adds six characters to a secret's name in its ARN.
   * @default - none
   */
  readonly secrets?: readonly string[];
  /**
   * ARNs of the KMS keys of your own by which those are encrypted.
   * @default - none: AWS's own keys need no permission
   */
  readonly secretKeys?: readonly string[];
  /**
   * A Vault and a cluster of Kubernetes whose secrets tasks may be given, where their pool allows it.
   * @default - none
   */
  readonly secretSources?: SecretSources;
  /**
   * ARNs of the roles that tasks may have, where their pool allows it. Each has to trust the agent function's role
   * (`agentRole` of the construct) for `sts:AssumeRole` and `sts:TagSession`.
   * @default - none
   */
  readonly taskRoles?: readonly string[];
  /**
   * ARNs of the target groups of Elastic Load Balancing that services may be registered with; with `*` at the end for
   * several. Pools say whose services may be registered with which (`targetGroups` of a pool). The group of nodes
   * (`nodeSecurityGroup` of the construct) has to let the load balancer in.
   * @default - none
   */
  readonly targetGroups?: readonly string[];
  /**
   * Where the Node.js of nodes comes from: a mirror of nodejs.org/dist, a folder with the archives of the pinned
   * release, or archives of your own with their SHA-256.
   * @default 'https://nodejs.org/dist', kept in ~/.cache/bellows; what has not the pinned SHA-256 is refused
   */
  readonly nodeRuntime?: string | NodeArchives;
  /**
   * - `plain`: nodes start from Amazon's newest image, and fetch runtime and agent at their start.
   * - `baked`: from images of this stack which have both, made by EC2 Image Builder when a deployment changes them.
   *   Needs a network with a way out over IPv4: `public-ipv4` or `nat`.
   * @default 'plain'
   */
  readonly nodeImage?: 'plain' | 'baked';
  /** With `baked`: another value makes the images anew, with the patches that Amazon's has by then. @default '1' */
  readonly nodeImageSerial?: string;
  /** Root volume of nodes, encrypted gp3. @default 20 */
  readonly rootVolumeGib?: number;
  /** Output of tasks is deleted after this time. @default 14 */
  readonly keepOutputsDays?: number;
  /** Logs of functions and of the API. @default 30 */
  readonly keepLogsDays?: 1 | 3 | 7 | 14 | 30 | 90 | 365;
  /**
   * Whether the table and the outputs outlive the removal of the stack, and every volume of a request as a snapshot;
   * otherwise only volumes do that their request wanted to have copied or kept.
   * @default false, so that removal leaves nothing
   */
  readonly keepData?: boolean;
  /**
   * Removal: how long there must be nothing left before the functions go. At least the longest tick plus the
   * longest wait of a wake.
   * @default 130
   */
  readonly drainQuietSeconds?: number;
}

export type ResolvedProps = Required<
  Omit<
    BellowsProps,
    | 'vpc'
    | 'subnets'
    | 'alarmTopic'
    | 'auth'
    | 'throttle'
    | 'machineProfiles'
    | 'reservedConcurrency'
    | 'nodeRuntime'
    | 'secretSources'
  >
>;

/** @throws RangeError for what cannot be deployed */
export function resolveProps(props: BellowsProps): ResolvedProps {
  const installation = props.installation ?? 'default';
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(installation)) {
    throw new RangeError(
      `installation ${JSON.stringify(installation)} must be 1 to 32 of a-z, 0-9 and "-", not `
        + `beginning or ending with "-"`,
    );
  }
  const rootVolumeGib = props.rootVolumeGib ?? 20;
  if (!Number.isInteger(rootVolumeGib) || rootVolumeGib < 8 || rootVolumeGib > 16_384) {
    throw new RangeError(`rootVolumeGib must be a whole number from 8 to 16384, not ${String(rootVolumeGib)}`);
  }
  const nodeImage = props.nodeImage ?? 'plain';
  if (nodeImage === 'baked' && (props.network === 'private' || props.network === 'ipv6'))
    throw new RangeError(
      `nodeImage baked needs network public-ipv4 or nat, not ${props.network}: Image Builder's machines have to reach `
        + 'AWS over IPv4',
    );
  const pools = props.pools ?? [];
  const twice = pools.find((pool, at) => pools.findIndex((other) => other.name === pool.name) !== at);
  if (twice) throw new RangeError(`the pool ${JSON.stringify(twice.name)} is declared twice`);
  return {
    installation,
    secrets: arnsOf(
      'secrets',
      props.secrets,
      /^arn:[^:]+:(?:secretsmanager:[^:]*:[^:]*:secret:|ssm:[^:]*:[^:]*:parameter\/)./,
    ),
    secretKeys: arnsOf('secretKeys', props.secretKeys, /^arn:[^:]+:kms:[^:]*:[^:]*:key\/[^*]+$/),
    taskRoles: arnsOf('taskRoles', props.taskRoles, /^arn:[^:]+:iam::\d{12}:role\/[^*]+$/),
    targetGroups: arnsOf(
      'targetGroups',
      props.targetGroups,
      /^arn:[^:]+:elasticloadbalancing:[^:*]+:\d{12}:targetgroup\/[^*]+\*?$/,
    ),
    labelKeys: labelKeysOf(props.labelKeys),
    rootVolumeGib,
    nodeImage,
    nodeImageSerial: props.nodeImageSerial ?? '1',
    pools,
    network: props.network ?? 'public-ipv4',
    keepOutputsDays: props.keepOutputsDays ?? 14,
    keepLogsDays: props.keepLogsDays ?? 30,
    keepData: props.keepData ?? false,
    drainQuietSeconds: props.drainQuietSeconds ?? 130,
  };
}

/** @throws RangeError */
function arnsOf(
  name: 'secrets' | 'secretKeys' | 'taskRoles' | 'targetGroups',
  arns: readonly string[] = [],
  pattern: RegExp,
): readonly string[] {
  const wrong = arns.find((arn) => !pattern.test(arn));
  if (wrong === undefined) return arns;
  const what = {
    secrets: 'a secret or parameter',
    secretKeys: 'a key',
    taskRoles: 'a role',
    targetGroups: 'a target group',
  }[name];
  throw new RangeError(`${name} has ${JSON.stringify(wrong)}, which is no ARN of ${what}`);
}

/** As the API function reads them: it would not start with more. @throws RangeError */
function labelKeysOf(keys: readonly string[] = []): readonly string[] {
  if (keys.length > 5) throw new RangeError(`labelKeys has ${String(keys.length)} keys; 5 at most are indexed`);
  const wrong = keys.find((key) => !/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key));
  if (wrong === undefined) return keys;
  throw new RangeError(`labelKeys has ${JSON.stringify(wrong)}, which is no key of a label, e.g. "team"`);
}
