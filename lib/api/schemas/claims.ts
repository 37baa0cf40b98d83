// Virtual machines, storage and networks as the API takes and shows them: claims.
import * as z from 'zod';
import type { ClaimRecord, ClaimSpec, MachineSpec } from '../../core/records/claim.ts';
import type { MachinePart } from '../../core/records/machine.ts';
import type { NetworkRule, NetworkWish } from '../../core/records/security-group.ts';
import type { VolumePart, VolumeWish } from '../../core/records/volume.ts';
import { canonicalCidr } from '../../core/claims/networks/cidr.ts';
import { isOpenToWorld } from '../../core/claims/networks/network-rules.ts';
import { intersect } from '../../core/values/requirements.ts';
import { limits } from '../limits.ts';
import { inSchema } from '../problems.ts';
import { bursty, leastHardware, requirements, requirementsOf } from './requirements.ts';
import { compact, namedFields, poolName, requestId, seconds, timeOf, wholeNumber } from './values.ts';

const name = (what: string, example: string): z.ZodString =>
  z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, `must be ${what}, e.g. "${example}"`);
const zone = name('an availability zone', 'us-east-1a');
const capacityType = z.enum(['spot', 'on-demand'], 'must be "spot" or "on-demand"');
const volumeType = z.enum(['gp3', 'io2', 'st1', 'sc1'], 'must be "gp3", "io2", "st1" or "sc1"');

const volumeNeeds = {
  sizeGib: wholeNumber(1, 65_536),
  iops: wholeNumber(1, 256_000).optional().meta({ description: 'Operations a second that it must sustain.' }),
  throughputMibps: wholeNumber(1, 4_000).optional().meta({ description: 'MiB a second that it must sustain.' }),
  volumeType: volumeType
    .optional()
    .meta({ description: 'The type of least price that meets the needs, unless given.' }),
};

const volumeFields = {
  ...volumeNeeds,
  snapshotId: z
    .string()
    .regex(/^snap-[0-9a-f]{8,17}$/, 'must be a snapshot id, e.g. "snap-0123456789abcdef0"')
    .optional(),
  strategy: z
    .enum(['cheapest', 'reuse-first', 'performance'], 'must be "cheapest", "reuse-first" or "performance"')
    .default('cheapest')
    .meta({
      description:
        'reuse-first: a volume that this tenant kept, if one is enough. performance: the fastest of those within '
        + 'a quarter of the least price.',
    }),
  onRelease: z
    .enum(['delete', 'snapshot', 'keep'], 'must be "delete", "snapshot" or "keep"')
    .default('delete')
    .meta({ description: 'What becomes of it when its request is released.' }),
  keepSeconds: seconds(0)
    .optional()
    .meta({
      description: 'With onRelease "keep": how long it waits for its next use by the same tenant; a day unless given.',
    }),
};

const volumeBody = z
  .strictObject(volumeFields)
  .meta({ id: 'Volume', description: 'A new volume of each machine; encrypted.' });

const cidr = z
  .string()
  .refine((text) => canonicalCidr(text) !== null, 'must be a network such as "10.0.0.0/8" or "2001:db8::/32"');

const rule = z
  .strictObject({
    protocol: z.enum(['tcp', 'udp', 'icmp', 'all'], 'must be "tcp", "udp", "icmp" or "all"').default('tcp'),
    port: wholeNumber(0, 65_535).optional().meta({ description: 'One port; or give fromPort and toPort.' }),
    fromPort: wholeNumber(0, 65_535).optional(),
    toPort: wholeNumber(0, 65_535).optional(),
    cidr: cidr.optional().meta({ description: 'The network on the other side. Exactly one of cidr and request.' }),
    request: requestId
      .optional()
      .meta({ description: 'A network request of yours whose members are on the other side.' }),
  })
  .superRefine((body, context) => {
    const fail = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if ((body.cidr === undefined) === (body.request === undefined))
      fail('cidr', 'give exactly one of cidr and request');
    const hasRange = body.fromPort !== undefined || body.toPort !== undefined;
    if (body.port !== undefined && hasRange) fail('port', 'give either port, or fromPort and toPort');
    if (hasRange && (body.fromPort === undefined || body.toPort === undefined))
      fail(body.fromPort === undefined ? 'fromPort' : 'toPort', 'fromPort and toPort go together');
    if (body.fromPort !== undefined && body.toPort !== undefined && body.fromPort > body.toPort)
      fail('toPort', 'must not be below fromPort');
    const hasPorts = body.port !== undefined || hasRange;
    if ((body.protocol === 'tcp' || body.protocol === 'udp') && !hasPorts)
      fail('port', `${body.protocol} needs a port (or fromPort and toPort)`);
    if ((body.protocol === 'all' || body.protocol === 'icmp') && hasPorts)
      fail('port', `${body.protocol} takes no ports`);
  });

const networkFields = {
  ingress: z
    .array(rule)
    .max(1_000, 'must be at most 1,000 rules')
    .default([])
    .meta({ description: 'What may come in; nothing else does.' }),
  egress: z
    .array(rule)
    .max(1_000, 'must be at most 1,000 rules')
    .optional()
    .meta({ description: 'What may go out; everything, unless given.' }),
  sharing: z
    .enum(['share', 'dedicated'], 'must be "share" or "dedicated"')
    .default('share')
    .meta({ description: 'Identical rules of one tenant share one group.' }),
  allowPublic: z
    .boolean('must be true or false')
    .default(false)
    .meta({ description: 'Must be true for rules that let the whole internet in.' }),
};

function checkPublic(
  body: { readonly ingress: readonly { readonly cidr?: string | undefined }[]; readonly allowPublic: boolean },
  context: z.RefinementCtx,
): void {
  if (body.allowPublic) return;
  for (const [n, one] of body.ingress.entries()) {
    if (isOpenToWorld({ cidr: one.cidr ?? null }))
      context.addIssue({
        code: 'custom',
        path: ['ingress', n, 'cidr'],
        message: `${one.cidr ?? ''} lets the whole internet in; set allowPublic to true if that is meant`,
      });
  }
}

const networkBodyInline = z.strictObject(networkFields).superRefine(checkPublic).meta({ id: 'NetworkRules' });

const common = {
  ...namedFields,
  pool: poolName
    .optional()
    .meta({
      description: 'Unless given, the first that accepts it: the default pool, then by priority, then the oldest.',
    }),
  leaseSeconds: seconds(1)
    .optional()
    .meta({ description: 'Released after this, unless renewed; kept until it is released if absent.' }),
  deadlineSeconds: seconds(limits.timeoutSecondsMin)
    .optional()
    .meta({ description: 'Ends as "expired" unless granted this long after acceptance.' }),
};

/** What a machine is, whoever it is for. */
export const machineLook = {
  instanceType: name('an instance type', 'm7g.large').optional().meta({ description: 'Or needs.' }),
  needs: z
    .strictObject({
      vcpu: wholeNumber(1, limits.vcpuMax).optional(),
      memoryMib: wholeNumber(1, limits.memoryMibMax).optional(),
      gpu: wholeNumber(0, limits.gpuMax).optional(),
      arch: z.enum(['amd64', 'arm64'], 'must be "amd64" or "arm64"').optional(),
      localDiskGib: leastHardware.minLocalDiskGib,
      networkGbps: leastHardware.minNetworkGbps,
    })
    .optional()
    .meta({ description: 'The least hardware; the cheapest instance type that has it is taken.' }),
  requirements: requirements.optional().meta({ description: 'Beside needs: what else the instance type must be.' }),
  bursty,
  zone: zone.optional(),
  image: z
    .string()
    .regex(/^(ami-[0-9a-f]{8,17}|resolve:ssm:[A-Za-z0-9/_.:-]{1,512})$/, 'must be an image id or "resolve:ssm:NAME"')
    .optional()
    .meta({ description: 'Amazon Linux unless given.' }),
};

/** Of a request and of a service's template. */
const machineFields = {
  ...machineLook,
  subnetId: z
    .string()
    .regex(/^subnet-[0-9a-f]{8,17}$/, 'must be a subnet id')
    .optional()
    .meta({ description: "One of the installation's; its zone is the machine's." }),
  capacityType: capacityType.default('on-demand'),
  userData: z.string().optional().meta({ description: 'Text that the machine runs at its first boot.' }),
  keyPair: z.string().min(1, 'must not be empty').max(255, 'must be at most 255 characters').optional(),
  role: z
    .string()
    .min(1, 'must not be empty')
    .max(512, 'must be at most 512 characters')
    .optional()
    .meta({ description: 'Instance profile, by name or ARN; none unless given.' }),
  volumes: z
    .array(z.union([volumeBody, z.strictObject({ request: requestId })]))
    .max(
      limits.machineVolumes,
      `must be at most ${String(limits.machineVolumes)}: the device names are /dev/sdf to /dev/sdp`,
    )
    .default([])
    .meta({ description: 'New volumes, or {"request": ID} of storage requests.' }),
  network: networkBodyInline.optional(),
  networks: z
    .array(requestId)
    .max(16, 'must be at most 16')
    .default([])
    .meta({ description: 'Ids of network requests.' }),
};
type MachineFields = z.output<z.ZodObject<typeof machineFields>>;

function checkMachine(body: MachineFields, context: z.RefinementCtx): void {
  if (body.instanceType === undefined && body.needs === undefined)
    context.addIssue({ code: 'custom', path: ['instanceType'], message: 'is required: give instanceType, or needs' });
  if (body.userData !== undefined && Buffer.byteLength(body.userData) > 16_384)
    context.addIssue({ code: 'custom', path: ['userData'], message: 'must be at most 16,384 bytes' });
}

export const machineBody = z
  .strictObject({
    type: z.literal('virtual_machine'),
    ...common,
    count: wholeNumber(1, 100).default(1),
    ...machineFields,
  })
  .superRefine((body, context) => {
    checkMachine(body, context);
    if (body.count > 1 && body.volumes.some((one) => 'request' in one))
      context.addIssue({
        code: 'custom',
        path: ['count'],
        message: 'must be 1 with volumes by request: a volume is attached to one machine at most',
      });
  })
  .meta({ id: 'VirtualMachineRequest' });
export type MachineBody = z.output<typeof machineBody>;

/** Fields of a request that a template does not have: each with what to do instead. */
const notOfTemplates: Readonly<Record<string, string>> = {
  count: 'each replica is one machine; say replicas',
  leaseSeconds: 'a service keeps its machines; say how many are wanted by replicas or policies',
  deadlineSeconds: 'a replica waits for as long as it is wanted; update.progressSeconds bounds a new template',
  pool: 'it is the field pool of the service',
  type: 'every template under machine is a virtual machine',
};

/** The machine that each replica of a service is. */
export const machineTemplate = z
  .strictObject(
    { ...namedFields, ...machineFields },
    {
      error: (issue) => {
        const cure = issue.code === 'unrecognized_keys' ? notOfTemplates[issue.keys[0] ?? ''] : undefined;
        return cure === undefined ? undefined : `is not a known field of a template: ${cure}`;
      },
    },
  )
  .superRefine((body, context) => {
    checkMachine(body, context);
    for (const [n, one] of body.volumes.entries()) {
      if ('request' in one)
        context.addIssue({
          code: 'custom',
          path: ['volumes', n, 'request'],
          message: 'must not be of a storage request: a volume is attached to one machine at most; ask for a new one',
        });
      else if (one.onRelease !== 'delete')
        context.addIssue({
          code: 'custom',
          path: ['volumes', n, 'onRelease'],
          message: 'must be "delete": replicas come and go, and each would leave a volume or a snapshot behind',
        });
    }
  })
  .meta({ id: 'MachineTemplate' });
export type MachineTemplateBody = z.output<typeof machineTemplate>;

export const storageBody = z
  .strictObject({
    type: z.literal('storage'),
    ...common,
    ...volumeFields,
    zone: zone.optional().meta({ description: "Its machine's zone, or the pool's cheapest, unless given." }),
    attachTo: requestId
      .optional()
      .meta({ description: 'A virtual machine request to whose (first) machine it is attached.' }),
  })
  .meta({ id: 'StorageRequest' });
export type StorageBody = z.output<typeof storageBody>;

export const networkBody = z
  .strictObject({ type: z.literal('network'), ...common, ...networkFields })
  .superRefine(checkPublic)
  .meta({ id: 'NetworkRequest' });
export type NetworkBody = z.output<typeof networkBody>;

export const resizeBody = z
  .strictObject({
    sizeGib: volumeNeeds.sizeGib.optional(),
    iops: volumeNeeds.iops,
    throughputMibps: volumeNeeds.throughputMibps,
    volumeType: volumeNeeds.volumeType,
  })
  .refine((body) => Object.values(body).some((one) => one !== undefined), {
    error: 'must change something: sizeGib, iops, throughputMibps or volumeType',
    params: inSchema,
  })
  .meta({ id: 'Resize', override: { minProperties: 1 } });
export const attachBody = z
  .strictObject({ request: requestId.meta({ description: 'A virtual machine request.' }) })
  .meta({ id: 'Attach' });

export const rulesBody = z
  .strictObject({
    ingress: z
      .array(rule)
      .max(1_000, 'must be at most 1,000 rules')
      .optional()
      .meta({ description: 'All that may come in, in place of the present rules; they stay unless given.' }),
    egress: z
      .array(rule)
      .max(1_000, 'must be at most 1,000 rules')
      .nullable()
      .optional()
      .meta({ description: 'All that may go out; null: everything. It stays unless given.' }),
    sharing: networkFields.sharing.unwrap().optional(),
    allowPublic: networkFields.allowPublic,
  })
  .superRefine((body, context) => {
    if (body.ingress === undefined && body.egress === undefined && body.sharing === undefined)
      context.addIssue({ code: 'custom', path: [], message: 'must change something: ingress, egress or sharing' });
    checkPublic({ ingress: body.ingress ?? [], allowPublic: body.allowPublic }, context);
  })
  .meta({ id: 'RulesEdit' });

export function rulesOf(body: z.output<typeof rulesBody>): Partial<NetworkWish> {
  return compact({
    ingress: body.ingress?.map(ruleOf),
    egress: body.egress === null ? null : body.egress?.map(ruleOf),
    sharing: body.sharing,
    allowPublic: body.ingress === undefined ? undefined : body.allowPublic,
  });
}

export type ResizeBody = z.output<typeof resizeBody>;

type VolumeBody = z.output<typeof volumeBody>;
type RuleBody = z.output<typeof rule>;

function volumeWishOf(body: Pick<VolumeBody, keyof typeof volumeFields>): VolumeWish {
  return {
    sizeGib: body.sizeGib,
    iops: body.iops ?? null,
    throughputMibps: body.throughputMibps ?? null,
    volumeType: body.volumeType ?? null,
    snapshotId: body.snapshotId ?? null,
    strategy: body.strategy,
    onRelease: body.onRelease,
    keepMs: Math.round((body.keepSeconds ?? 86_400) * 1000),
  };
}

function ruleOf(body: RuleBody): NetworkRule {
  const isPlain = body.protocol === 'all' || body.protocol === 'icmp';
  return {
    protocol: body.protocol === 'all' ? '-1' : body.protocol,
    fromPort: isPlain ? -1 : (body.port ?? body.fromPort ?? 0),
    toPort: isPlain ? -1 : (body.port ?? body.toPort ?? 0),
    cidr: body.cidr ?? null,
    request: body.request ?? null,
  };
}

function networkWishOf(body: Pick<NetworkBody, keyof typeof networkFields>): NetworkWish {
  return {
    ingress: body.ingress.map(ruleOf),
    egress: body.egress?.map(ruleOf) ?? null,
    sharing: body.sharing,
    allowPublic: body.allowPublic,
  };
}

const msOrNull = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value * 1000));

export function lookOf({
  instanceType,
  needs,
  requirements: wished,
  bursty: isBursty,
  zone: at,
  image,
}: z.output<z.ZodObject<typeof machineLook>>): Pick<MachineSpec, 'requirements' | 'needs' | 'imageId'> {
  const named = compact({
    instanceType: instanceType === undefined ? undefined : [instanceType],
    zone: at === undefined ? undefined : [at],
    minLocalDiskGib: needs?.localDiskGib,
    minNetworkGbps: needs?.networkGbps,
    bursty: isBursty ? (true as const) : undefined,
  });
  return {
    requirements: wished === undefined ? named : intersect(requirementsOf(wished), named),
    needs: {
      vcpu: needs?.vcpu ?? 0,
      memoryMib: needs?.memoryMib ?? 0,
      gpu: needs?.gpu ?? 0,
      arch: needs?.arch ?? null,
    },
    imageId: image ?? null,
  };
}

function machineFieldsOf(body: MachineFields) {
  return {
    ...lookOf(body),
    capacityType: body.capacityType,
    subnetId: body.subnetId ?? null,
    userData: body.userData === undefined ? null : Buffer.from(body.userData).toString('base64'),
    keyName: body.keyPair ?? null,
    instanceProfile: body.role ?? null,
    volumes: body.volumes.flatMap((one) => ('request' in one ? [] : [volumeWishOf(one)])),
    volumeRequests: body.volumes.flatMap((one) => ('request' in one ? [one.request] : [])),
    network: body.network === undefined ? null : networkWishOf(body.network),
    networkRequests: [...new Set(body.networks)],
  };
}

/** What {@link machineTemplate} wants of the core. */
export function machineSpecOf(body: MachineTemplateBody): MachineSpec {
  const { name: own, labels } = body;
  const base = { ...compact({ name: own, labels }), count: 1, leaseMs: null, deadlineMs: null };
  return { ...base, type: 'virtual_machine', ...machineFieldsOf(body) };
}

/** The core's spec of a claim, from a body that asks for nothing unsupported. */
export function claimSpecOf(body: MachineBody | StorageBody | NetworkBody): ClaimSpec {
  const base = {
    ...compact({ name: body.name, labels: body.labels }),
    count: 1,
    leaseMs: msOrNull(body.leaseSeconds),
    deadlineMs: msOrNull(body.deadlineSeconds),
  };
  switch (body.type) {
    case 'virtual_machine':
      return { ...base, type: body.type, ...machineFieldsOf(body), count: body.count };
    case 'storage':
      return {
        ...base,
        type: body.type,
        requirements: {},
        volume: volumeWishOf(body),
        zone: body.zone ?? null,
        attachTo: body.attachTo ?? null,
      };
    case 'network':
      return { ...base, type: body.type, requirements: {}, network: networkWishOf(body) };
  }
}

// ---- views -----------------------------------------------------------------------------------------

export const volumeAllocationView = z
  .object({
    resourceType: z.literal('ebs-volume'),
    volumeId: z.string().nullable(),
    volumeType: z.string(),
    sizeGib: z.number(),
    iops: z.number().nullable(),
    throughputMibps: z.number().nullable(),
    zone: z.string().nullable(),
    priceUsdPerMonth: z.number(),
    wanted: z
      .object({
        volumeType: z.string(),
        sizeGib: z.number(),
        iops: z.number().nullable(),
        throughputMibps: z.number().nullable(),
        priceUsdPerMonth: z.number(),
      })
      .optional()
      .meta({ description: 'What a resize that is not done yet asked for.' }),
    attachedTo: z.string().nullable().meta({ description: 'The virtual machine or task that uses it.' }),
    device: z.string().nullable(),
  })
  .meta({ id: 'VolumeAllocation' });

export const groupAllocationView = z
  .object({ resourceType: z.literal('security-group'), groupId: z.string() })
  .meta({ id: 'GroupAllocation' });

const ruleView = z.object({
  protocol: z.string(),
  fromPort: z.int().nullable(),
  toPort: z.int().nullable(),
  cidr: z.string().nullable(),
  request: z.string().nullable(),
});

const rulesView = z.object({
  ingress: z.array(ruleView),
  egress: z.array(ruleView).nullable().meta({ description: 'null: everything may leave.' }),
  sharing: z.enum(['share', 'dedicated']),
  allowPublic: z.boolean(),
});

/** The rules in force, and beside them those that an edit asked for. */
export const networkView = rulesView
  .extend({
    wanted: rulesView
      .nullable()
      .meta({ description: 'The rules of an edit that are not in force yet; null: there is none.' }),
  })
  .meta({
    id: 'NetworkView',
    description: 'The rules in force, and those that an edit asked for: the next edit builds on these.',
  });

export function networkOf({ spec, wantedNetwork }: ClaimRecord): { network?: z.output<typeof networkView> } {
  if (spec.type === 'storage' || spec.network === null) return {};
  const show = ({ protocol, fromPort, toPort, cidr: other, request }: NetworkRule): z.output<typeof ruleView> => {
    const hasPorts = protocol === 'tcp' || protocol === 'udp';
    return {
      protocol: protocol === '-1' ? 'all' : protocol,
      fromPort: hasPorts ? fromPort : null,
      toPort: hasPorts ? toPort : null,
      cidr: other,
      request,
    };
  };
  const rules = ({ ingress, egress, sharing, allowPublic }: NetworkWish): z.output<typeof rulesView> => ({
    ingress: ingress.map(show),
    egress: egress?.map(show) ?? null,
    sharing,
    allowPublic,
  });
  return { network: { ...rules(spec.network), wanted: wantedNetwork === null ? null : rules(wantedNetwork) } };
}

/** Every single thing that the request has of EC2's. */
export const partView = z
  .object({
    kind: z.enum(['instance', 'volume', 'security-group', 'snapshot']),
    id: z.string().nullable().meta({ description: "EC2's id; null before it is known." }),
    state: z.string(),
    zone: z.string().nullable(),
    device: z.string().nullable(),
    privateAddress: z.string().nullable(),
    publicAddress: z.string().nullable(),
  })
  .meta({ id: 'Part' });
export type PartView = z.output<typeof partView>;

const part = (fields: Partial<PartView> & Pick<PartView, 'kind' | 'id' | 'state'>): PartView => ({
  zone: null,
  device: null,
  privateAddress: null,
  publicAddress: null,
  ...fields,
});

function volumeParts(volume: VolumePart): PartView[] {
  const own = part({
    kind: 'volume',
    id: volume.volumeId,
    state: volume.state,
    zone: volume.zone,
    device: volume.device,
  });
  return volume.snapshot === null
    ? [own]
    : [own, part({ kind: 'snapshot', id: volume.snapshot.id, state: volume.snapshot.id === null ? 'asked' : 'there' })];
}

function machineParts(machine: MachinePart): PartView[] {
  const { instanceId: id, state, zone: at, privateIp: privateAddress, publicIp: publicAddress } = machine;
  return [
    part({ kind: 'instance', id, state, zone: at, privateAddress, publicAddress }),
    ...machine.volumes.flatMap(volumeParts),
  ];
}

export function partsOf(claim: ClaimRecord): PartView[] {
  const groups = claim.groupIds.map((id) =>
    part({
      kind: 'security-group',
      id,
      state: claim.endedAtMs === null || claim.sharedGroupIds?.includes(id) === true ? 'there' : 'gone',
    }),
  );
  const volume =
    claim.volume === null
      ? []
      : volumeParts(claim.volume).map((one) =>
          one.kind === 'volume' ? { ...one, device: claim.usedBy?.device ?? null } : one,
        );
  return [...claim.machines.flatMap(machineParts), ...volume, ...groups];
}

export function leaseOf(claim: ClaimRecord): { leaseEndsAt?: string } {
  return claim.leaseEndsAtMs === null ? {} : { leaseEndsAt: timeOf(claim.leaseEndsAtMs) };
}
