// What IAM is asked for a call of EC2's API: the resources and condition keys of each action, by the Service
// Authorization Reference of Amazon EC2. It takes the calls as the adapters send them, and refuses an action
// that it does not know.
import type { Call } from './iam.ts';

type Tags = Readonly<Record<string, string>>;
type Context = Readonly<Record<string, string>>;

export interface Recorded {
  readonly action: string;
  /** As the EC2 Query protocol names them. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the account has: the tags of what calls name, and what a launch template says that a call need not repeat. */
export interface Account {
  readonly tagsOf: (id: string) => Tags;
  readonly template: {
    readonly imageId: string;
    readonly groupIds: readonly string[];
    readonly tags: Readonly<Record<string, Tags>>;
    readonly roleArn: string;
    readonly isEncrypted: boolean;
  };
  readonly machineRoleArn: string;
}

const region = 'arn:<AWS::Partition>:ec2:<AWS::Region>';
const owned = (path: string): string => `${region}:<AWS::AccountId>:${path}`;
const shared = (path: string): string => `${region}::${path}`;
const requestTags = (tags: Tags): Context =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]));
const resourceTags = (tags: Tags): Context =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));

const kinds: readonly (readonly [prefix: RegExp, kind: string])[] = [
  [/^i-/, 'instance'],
  [/^vol-/, 'volume'],
  [/^sg-|GroupId>$/, 'security-group'],
  [/^snap-/, 'snapshot'],
  [/^vpc-|Vpc/, 'vpc'],
];

/** The ARN of a thing that is there. */
export function arnOf(id: string): string {
  const kind = kinds.find(([prefix]) => prefix.test(id))?.[1];
  if (kind === undefined) throw new RangeError(`the kind of ${id} is not known`);
  return kind === 'snapshot' ? shared(`snapshot/${id}`) : owned(`${kind}/${id}`);
}

class Reader {
  readonly #parameters: Recorded['parameters'];
  constructor(parameters: Recorded['parameters']) {
    this.#parameters = parameters;
  }

  one(name: string): string {
    const value = this.#parameters[name];
    if (value === undefined) throw new RangeError(`the call has no ${name}`);
    return value;
  }

  maybe(name: string): string | undefined {
    return this.#parameters[name];
  }

  /** Values of the parameters that the pattern matches. */
  all(pattern: RegExp): readonly string[] {
    return [
      ...new Set(
        Object.entries(this.#parameters)
          .filter(([name]) => pattern.test(name))
          .map(([, value]) => value),
      ),
    ];
  }

  /** By resource type. */
  get tags(): ReadonlyMap<string, Tags> {
    const found = new Map<string, Tags>();
    for (const [name, type] of Object.entries(this.#parameters)) {
      const prefix = /^(TagSpecifications?\.\d+)\.ResourceType$/.exec(name)?.[1];
      if (prefix !== undefined) found.set(type, this.#tagsBelow(`${prefix}.Tag`));
    }
    return found;
  }

  get ownTags(): Tags {
    return this.#tagsBelow('Tag');
  }

  #tagsBelow(prefix: string): Tags {
    const tags: Record<string, string> = {};
    for (let n = 1; this.#parameters[`${prefix}.${String(n)}.Key`] !== undefined; n += 1)
      tags[this.one(`${prefix}.${String(n)}.Key`)] = this.one(`${prefix}.${String(n)}.Value`);
    return tags;
  }
}

type Rule = (reader: Reader, account: Account) => readonly (readonly [resource: string, context?: Context])[];

const named =
  (...patterns: readonly RegExp[]): Rule =>
  (reader, account) =>
    patterns.flatMap((pattern) => reader.all(pattern)).map((id) => [arnOf(id), resourceTags(account.tagsOf(id))]);
const listed: Rule = () => [['*']];

/** What a launch of any kind is put together from. */
function runResources(
  parts: {
    readonly instance: Context;
    readonly volumes: readonly Context[];
    readonly every: Context;
    readonly image: string;
    readonly groups: readonly string[];
    readonly subnets: readonly string[];
    readonly isSpot: boolean;
    readonly more: readonly (readonly [string, Context])[];
  },
  account: Account,
): readonly (readonly [string, Context])[] {
  const { every } = parts;
  return [
    [owned('instance/*'), { ...every, ...parts.instance }],
    ...parts.volumes.map((context): readonly [string, Context] => [owned('volume/*'), { ...every, ...context }]),
    [owned('network-interface/*'), every],
    [shared(`image/${parts.image}`), every],
    ...parts.groups.map((id): readonly [string, Context] => [
      arnOf(id),
      { ...every, ...resourceTags(account.tagsOf(id)) },
    ]),
    ...parts.subnets.map((id): readonly [string, Context] => [owned(`subnet/${id}`), every]),
    ...(parts.isSpot ? [[owned('spot-instances-request/*'), every] as const] : []),
    ...parts.more.map(([resource, context]): readonly [string, Context] => [resource, { ...every, ...context }]),
  ];
}

const encryptedBy = (isEncrypted: boolean): Context => ({ 'ec2:Encrypted': String(isEncrypted) });

/** A RunInstances from a template: what the template says is authorized as if the call said it. */
function fromTemplate(reader: Reader, account: Account): readonly (readonly [string, Context])[] {
  const { template } = account;
  const [id, tags] = [reader.one('LaunchTemplate.LaunchTemplateId'), reader.tags];
  const reservation = reader.maybe('CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId');
  return runResources(
    {
      instance: {
        ...requestTags({ ...template.tags['instance'], ...tags.get('instance') }),
        'ec2:MetadataHttpTokens': 'required',
      },
      volumes: [
        { ...requestTags({ ...template.tags['volume'], ...tags.get('volume') }), ...encryptedBy(template.isEncrypted) },
      ],
      every: { 'ec2:LaunchTemplate': owned(`launch-template/${id}`) },
      image: template.imageId,
      groups: reader.all(/SecurityGroupId\.\d+$/),
      subnets: reader.all(/SubnetId$/),
      isSpot: false,
      more: [
        [owned(`launch-template/${id}`), {}],
        ...(reservation === undefined ? [] : [[owned(`capacity-reservation/${reservation}`), {}] as const]),
      ],
    },
    account,
  );
}

/** Each action with what it is authorized on. */
const rules: Readonly<Record<string, Rule>> = {
  RunInstances: (reader, account) => {
    if (reader.maybe('LaunchTemplate.LaunchTemplateId') !== undefined) return fromTemplate(reader, account);
    const tags = reader.tags;
    const disks = reader.all(/^BlockDeviceMapping\.\d+\.DeviceName$/).length;
    const volume = { ...requestTags(tags.get('volume') ?? {}) };
    const volumes = Array.from({ length: disks }, (_, n) => ({
      ...volume,
      ...encryptedBy(reader.maybe(`BlockDeviceMapping.${String(n + 1)}.Ebs.Encrypted`) === 'true'),
    }));
    const profile = reader.maybe('IamInstanceProfile.Arn');
    const key = reader.maybe('KeyName');
    const into = reader.maybe('CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId');
    return runResources(
      {
        instance: {
          ...requestTags(tags.get('instance') ?? {}),
          'ec2:MetadataHttpTokens': reader.maybe('MetadataOptions.HttpTokens') ?? 'optional',
          ...(profile === undefined ? {} : { 'ec2:InstanceProfile': profile }),
        },
        volumes,
        every: {},
        image: reader.one('ImageId'),
        groups: reader.all(/SecurityGroupId\.\d+$/),
        subnets: reader.all(/SubnetId$/),
        isSpot: reader.maybe('InstanceMarketOptions.MarketType') === 'spot',
        more: [
          ...(key === undefined ? [] : [[owned(`key-pair/${key}`), {}] as const]),
          ...(into === undefined ? [] : [[owned(`capacity-reservation/${into}`), {}] as const]),
          ...reader.all(/Ebs\.SnapshotId$/).map((id) => [arnOf(id), resourceTags(account.tagsOf(id))] as const),
        ],
      },
      account,
    );
  },
  CreateFleet: (reader, { template }) => {
    const tags = reader.tags;
    return [
      [owned('fleet/*'), requestTags(tags.get('fleet') ?? {})],
      [owned('instance/*'), requestTags(tags.get('instance') ?? {})],
      [owned('volume/*'), requestTags(tags.get('volume') ?? {})],
      [owned('network-interface/*')],
      [shared(`image/${template.imageId}`)],
      ...template.groupIds.map((id) => [arnOf(id)] as const),
      ...reader.all(/SubnetId$/).map((id) => [owned(`subnet/${id}`)] as const),
      ...reader.all(/LaunchTemplateId$/).map((id) => [owned(`launch-template/${id}`)] as const),
      ...(reader.one('TargetCapacitySpecification.DefaultTargetCapacityType') === 'spot'
        ? [[owned('spot-instances-request/*')] as const]
        : []),
    ];
  },
  TerminateInstances: named(/^InstanceId\.\d+$/),
  StartInstances: named(/^InstanceId\.\d+$/),
  StopInstances: named(/^InstanceId\.\d+$/),
  AttachVolume: named(/^VolumeId$/, /^InstanceId$/),
  DetachVolume: named(/^VolumeId$/, /^InstanceId$/),
  ModifyVolume: named(/^VolumeId$/),
  DeleteVolume: named(/^VolumeId$/),
  DeleteSnapshot: named(/^SnapshotId$/),
  CreateVolume: (reader, account) => [
    [
      owned('volume/*'),
      { ...requestTags(reader.tags.get('volume') ?? {}), ...encryptedBy(reader.maybe('Encrypted') === 'true') },
    ],
    ...named(/^SnapshotId$/)(reader, account),
  ],
  CreateSnapshot: (reader, account) => [
    [shared('snapshot/*'), requestTags(reader.tags.get('snapshot') ?? {})],
    ...named(/^VolumeId$/)(reader, account),
  ],
  CreateSecurityGroup: (reader) => [
    [owned('security-group/*'), requestTags(reader.tags.get('security-group') ?? {})],
    [owned(`vpc/${reader.one('VpcId')}`)],
  ],
  AuthorizeSecurityGroupIngress: named(/^GroupId$/),
  AuthorizeSecurityGroupEgress: named(/^GroupId$/),
  RevokeSecurityGroupIngress: named(/^GroupId$/),
  RevokeSecurityGroupEgress: named(/^GroupId$/),
  DeleteSecurityGroup: named(/^GroupId$/),
  ModifyInstanceAttribute: named(/^InstanceId$/, /^GroupId\.\d+$/),
  CreateTags: (reader, account) =>
    reader
      .all(/^ResourceId\.\d+$/)
      .map((id) => [
        arnOf(id),
        {
          ...resourceTags(account.tagsOf(id)),
          ...requestTags(reader.ownTags),
          'aws:TagKeys': Object.keys(reader.ownTags).join(','),
        },
      ]),
  DescribeInstances: listed,
  DescribeVolumes: listed,
  DescribeSnapshots: listed,
  DescribeSecurityGroups: listed,
  DescribeImages: listed,
};

/** Where the things that a launch tags are tagged. */
function tagging(action: string, tags: ReadonlyMap<string, Tags>): readonly Call[] {
  return [...tags].map(([type, set]) => ({
    action: 'ec2:CreateTags',
    resource: type === 'snapshot' ? shared('snapshot/*') : owned(`${type}/*`),
    context: { ...requestTags(set), 'ec2:CreateAction': action, 'aws:TagKeys': Object.keys(set).join(',') },
  }));
}

const pass = (resource: string): Call => ({
  action: 'iam:PassRole',
  resource,
  context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
});

const spotRole: Call = {
  action: 'iam:CreateServiceLinkedRole',
  resource:
    'arn:<AWS::Partition>:iam::<AWS::AccountId>:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot',
  context: { 'iam:AWSServiceName': 'spot.amazonaws.com' },
};

/** Everything that IAM must allow for one call. @throws RangeError for an action that nobody has looked up yet */
export function authorizationsOf({ action, parameters }: Recorded, account: Account): readonly Call[] {
  const rule = rules[action];
  if (!rule)
    throw new RangeError(
      `what ${action} is authorized on is not known: look it up in the Service Authorization Reference, and grant it`,
    );
  const reader = new Reader(parameters);
  const calls = rule(reader, account).map(([resource, context = {}]): Call => ({
    action: `ec2:${action}`,
    resource,
    context,
  }));
  const isSpot =
    reader.maybe('InstanceMarketOptions.MarketType') === 'spot'
    || reader.maybe('TargetCapacitySpecification.DefaultTargetCapacityType') === 'spot';
  // An account's first spot launch makes the role that spot needs, as its caller.
  if (isSpot) calls.push(spotRole);
  const own = tagging(action, reader.tags);
  if (action === 'RunInstances' && reader.maybe('LaunchTemplate.LaunchTemplateId') !== undefined)
    return [
      ...calls,
      ...own,
      ...tagging('RunInstances', new Map(Object.entries(account.template.tags))),
      pass(account.template.roleArn),
    ];
  if (action === 'RunInstances')
    return [
      ...calls,
      ...own,
      ...(reader.maybe('IamInstanceProfile.Arn') === undefined ? [] : [pass(account.machineRoleArn)]),
    ];
  if (action !== 'CreateFleet') return [...calls, ...own];
  // An instant fleet launches as its caller: each template is a call of RunInstances of its own.
  const { template } = account;
  const instanceTags = { ...template.tags['instance'], ...reader.tags.get('instance') };
  const launches = reader
    .all(/LaunchTemplateId$/)
    .flatMap((id): Call[] =>
      runResources(
        {
          instance: { ...requestTags(instanceTags), 'ec2:MetadataHttpTokens': 'required' },
          volumes: [
            {
              ...requestTags({ ...template.tags['volume'], ...reader.tags.get('volume') }),
              ...encryptedBy(template.isEncrypted),
            },
          ],
          every: { 'ec2:LaunchTemplate': owned(`launch-template/${id}`) },
          image: template.imageId,
          groups: template.groupIds,
          subnets: reader.all(/SubnetId$/),
          isSpot: reader.one('TargetCapacitySpecification.DefaultTargetCapacityType') === 'spot',
          more: [[owned(`launch-template/${id}`), {}]],
        },
        account,
      ).map(([resource, context]) => ({ action: 'ec2:RunInstances', resource, context })),
    );
  return [
    ...calls,
    ...own,
    ...launches,
    ...tagging('RunInstances', new Map(Object.entries(template.tags))),
    pass(template.roleArn),
  ];
}
