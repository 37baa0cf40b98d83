// Machine images: a fixed shelf of public ones, the same in every account, each found by id, by name or by
// the public SSM parameter that launch templates name with `resolve:ssm:`.
import { Ec2Error } from '../../../cloud/errors.ts';
import { hash32 } from '../../../cloud/random.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, checkId, idKinds } from '../../ids.ts';
import { boolean, integer, list, text } from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { concatenated, fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import type { ImageDisk, OwnImage } from '../../records.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Tags } from '../../tags.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';
import { isOwn, seededAt, seededSnapshotId } from '../../seeding.ts';
import type { SeededImage } from '../../seeding.ts';

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `any` for the ids of AWS's documentation examples: they launch on every type. */
  readonly architecture: 'x86_64' | 'arm64' | 'any';
  readonly ownerId: string;
  readonly ownerAlias: string | null;
  readonly rootDeviceName: string;
  readonly rootSizeGib: number;
  readonly snapshotId: string;
  readonly platform: 'windows' | null;
  readonly createdAt: string;
  /** Beside the root. */
  readonly disks: readonly ImageDisk[];
  /** Of the account itself; absent: a public one. */
  readonly own?: OwnImage;
  readonly tags: Tags;
}

const amazon = { ownerId: '137112412989', ownerAlias: 'amazon' };
const canonicalOwner = { ownerId: '099720109477', ownerAlias: null };

interface Shelf extends Pick<
  Image,
  | 'name'
  | 'description'
  | 'architecture'
  | 'ownerId'
  | 'ownerAlias'
  | 'rootDeviceName'
  | 'rootSizeGib'
  | 'platform'
  | 'createdAt'
> {
  /** Names of public SSM parameters that lead to it. */
  readonly parameters: RegExp;
}

const arches = [
  { arch: 'x86_64', other: 'amd64' },
  { arch: 'arm64', other: 'arm64' },
] as const;

type Arch = (typeof arches)[number];

const amazonImages = ({ arch }: Arch): readonly Shelf[] => [
  {
    ...amazon,
    architecture: arch,
    platform: null,
    rootDeviceName: '/dev/xvda',
    rootSizeGib: 8,
    createdAt: '2026-10-12T22:11:08.000Z',
    name: `al2023-ami-2023.9.20261012.0-kernel-6.12-${arch}`,
    description: `Amazon Linux 2023 AMI 2023.9.20261012.0 ${arch} HVM kernel-6.12`,
    parameters: new RegExp(`^/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-(default|6\\.\\d+)-${arch}$`),
  },
  {
    ...amazon,
    architecture: arch,
    platform: null,
    rootDeviceName: '/dev/xvda',
    rootSizeGib: 2,
    createdAt: '2026-10-12T22:12:41.000Z',
    name: `al2023-ami-minimal-2023.9.20261012.0-kernel-6.12-${arch}`,
    description: `Amazon Linux 2023 AMI 2023.9.20261012.0 ${arch} Minimal HVM kernel-6.12`,
    parameters: new RegExp(
      `^/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-(default|6\\.\\d+)-${arch}$`,
    ),
  },
  {
    ...amazon,
    architecture: arch,
    platform: null,
    rootDeviceName: '/dev/xvda',
    rootSizeGib: 8,
    createdAt: '2026-09-03T19:40:02.000Z',
    name: `amzn2-ami-kernel-5.10-hvm-2.0.20260903.0-${arch}-gp2`,
    description: `Amazon Linux 2 Kernel 5.10 AMI 2.0.20260903.0 ${arch} HVM gp2`,
    parameters: new RegExp(`^/aws/service/ami-amazon-linux-latest/amzn2-ami-(kernel-5\\.10-)?hvm-${arch}-(gp2|ebs)$`),
  },
  {
    ...amazon,
    architecture: arch,
    platform: null,
    rootDeviceName: '/dev/xvda',
    rootSizeGib: 30,
    createdAt: '2026-10-20T18:02:55.000Z',
    name: `al2023-ami-ecs-hvm-2023.0.20261020-kernel-6.1-${arch}`,
    description: `Amazon Linux AMI 2023.0.20261020 ${arch} ECS HVM EBS`,
    parameters: new RegExp(
      `^/aws/service/ecs/optimized-ami/amazon-linux-2023/${arch === 'arm64' ? 'arm64/' : ''}recommended/image_id$`,
    ),
  },
];

const canonicalImages = ({ arch, other }: Arch): readonly Shelf[] => [
  {
    ...canonicalOwner,
    architecture: arch,
    platform: null,
    rootDeviceName: '/dev/sda1',
    rootSizeGib: 8,
    createdAt: '2026-10-15T06:31:27.000Z',
    name: `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${other}-server-20261015`,
    description: `Canonical, Ubuntu, 24.04, ${other} noble image`,
    parameters: new RegExp(
      `^/aws/service/canonical/ubuntu/server/24\\.04/stable/(current|20261015)/${other}/hvm/ebs-gp3/ami-id$`,
    ),
  },
];

const shelf: readonly Shelf[] = arches.flatMap((one) => [...amazonImages(one), ...canonicalImages(one)]);

const windows: Shelf = {
  ownerId: '801119661308',
  ownerAlias: 'amazon',
  architecture: 'x86_64',
  platform: 'windows',
  rootDeviceName: '/dev/sda1',
  rootSizeGib: 30,
  createdAt: '2026-10-14T04:11:12.000Z',
  name: 'Windows_Server-2022-English-Full-Base-2026.10.14',
  description: 'Microsoft Windows Server 2022 Full Locale English AMI provided by Amazon',
  parameters: /^\/aws\/service\/ami-windows-latest\/Windows_Server-2022-English-Full-Base$/,
};

/** Ids that AWS's documentation and well-known examples use; here they exist, so that examples run. */
const exampleIds = [
  'ami-0abcdef1234567890',
  'ami-1234567890abcdef0',
  'ami-0123456789abcdef0',
  'ami-12345678',
  'ami-1a2b3c4d',
  'ami-12c6146b',
  'ami-0ff8a91507f77f867',
  'ami-0c55b159cbfafe1f0',
  'ami-0c02fb55956c7d316',
];

const shelves = new Map<
  string,
  { readonly byId: ReadonlyMap<string, Image>; readonly shelf: readonly (Shelf & { readonly id: string })[] }
>();

function hex17(text: string): string {
  return (
    `${hash32(text).toString(16).padStart(8, '0')}${hash32(`${text}/2`).toString(16).padStart(8, '0')}`
    + `${(hash32(`${text}/3`) % 16).toString(16)}`
  );
}

function shelfOf(region: string): NonNullable<ReturnType<typeof shelves.get>> {
  const known = shelves.get(region);
  if (known) return known;
  const withIds = [...shelf, windows].map((entry) => ({ ...entry, id: `ami-${hex17(`${region}/${entry.name}`)}` }));
  const examples: Image[] = exampleIds.map((id) => ({
    id,
    ...amazon,
    architecture: 'any',
    platform: null,
    rootDeviceName: '/dev/xvda',
    rootSizeGib: 8,
    createdAt: '2020-01-01T00:00:00.000Z',
    name: `example-${id}`,
    description: 'Example image',
    snapshotId: `snap-${hex17(id)}`,
    disks: [],
    tags: {},
  }));
  const images = withIds.map(({ parameters: _, ...entry }): Image => ({
    ...entry,
    snapshotId: `snap-${hex17(entry.id)}`,
    disks: [],
    tags: {},
  }));
  const made = { byId: new Map([...images, ...examples].map((image) => [image.id, image])), shelf: withIds };
  shelves.set(region, made);
  return made;
}

/** The public images of the region, those that were seeded first. */
function publicImages(world: World): ReadonlyMap<string, Image> {
  const { byId } = shelfOf(world.region);
  const seeded = world.seeding.imagesIn(world.region).filter((one) => !isOwn(one));
  if (seeded.length === 0) return byId;
  return new Map([...seeded.map((one) => [one.id, publicSeeded(one)] as const), ...byId]);
}

function publicSeeded(one: SeededImage): Image {
  return {
    ...{ id: one.id, name: one.name, description: one.description ?? '', architecture: one.architecture },
    ...{ ownerId: one.owner ?? '', ownerAlias: one.ownerAlias ?? null, platform: one.platform ?? null },
    rootDeviceName: one.rootDeviceName ?? '/dev/xvda',
    rootSizeGib: one.rootSizeGib ?? 8,
    snapshotId: seededSnapshotId(one.id),
    createdAt: new Date(one.createdAt ?? seededAt).toISOString(),
    ...{ disks: [], tags: one.tags ?? {} },
  };
}

/** Where an SSM parameter leads; undefined: to no image that is here. */
export function parameterImage(world: World, name: string): Image | undefined {
  const seeded = world.seeding.imageOfParameter(world.region, name);
  if (seeded) {
    const own = world.images.get(seeded.id);
    return own ? shownOwn(world, own) : publicImages(world).get(seeded.id);
  }
  const { byId, shelf: entries } = shelfOf(world.region);
  return byId.get(entries.find((entry) => entry.parameters.test(name))?.id ?? '');
}

const amazonLinux = '/aws/service/ami-amazon-linux-latest';

/** Names of public parameters, as a list of them has to name each: those that lead to an image, in order. */
export function imageParameters(world: World): readonly string[] {
  const names = arches.flatMap(({ arch, other }) => [
    ...['default', '6.1', '6.12'].flatMap((kernel) => [
      `${amazonLinux}/al2023-ami-kernel-${kernel}-${arch}`,
      `${amazonLinux}/al2023-ami-minimal-kernel-${kernel}-${arch}`,
    ]),
    `${amazonLinux}/amzn2-ami-hvm-${arch}-gp2`,
    `${amazonLinux}/amzn2-ami-kernel-5.10-hvm-${arch}-gp2`,
    `/aws/service/ecs/optimized-ami/amazon-linux-2023/${arch === 'arm64' ? 'arm64/' : ''}recommended/image_id`,
    `/aws/service/canonical/ubuntu/server/24.04/stable/current/${other}/hvm/ebs-gp3/ami-id`,
  ]);
  const seeded = world.seeding.imagesIn(world.region).flatMap((one) => one.parameters ?? []);
  const all = [
    ...new Set([...names, ...seeded]),
    '/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base',
  ];
  return all.filter((name) => parameterImage(world, name) !== undefined).sort();
}

/** The image of an id or of `resolve:ssm:…`. @throws Ec2Error as EC2 for unknown ones */
export function findImage(world: World, idOrParameter: string): Image {
  if (idOrParameter.startsWith('resolve:ssm:')) {
    const [name = ''] = idOrParameter.slice('resolve:ssm:'.length).split(':');
    const found = parameterImage(world, name);
    if (!found)
      throw new Ec2Error('InvalidParameterValue', `The parameter name '${name}' could not be resolved to an image`);
    return found;
  }
  const id = checkId('image', idOrParameter);
  const own = world.images.get(id);
  if (own && own.availableAtMs > world.nowMs())
    throw new Ec2Error('InvalidAMIID.Unavailable', `The image ID '${id}' is not available`);
  const image = own ? shownOwn(world, own) : publicImages(world).get(id);
  if (!image) throw idKinds.image.notFound([idOrParameter]);
  return image;
}

export function isImageSnapshot(world: World, snapshotId: string): Image | undefined {
  return [...publicImages(world).values()].find((image) => image.snapshotId === snapshotId);
}

export function imageExists(world: World, id: string): boolean {
  return world.images.has(id) || publicImages(world).has(id);
}

/** An own image in the form of public ones. */
function shownOwn(world: World, own: OwnImage): Image {
  const [root, ...disks] = own.disks;
  return {
    id: own.id,
    name: own.name,
    description: own.description,
    architecture: own.architecture,
    ownerId: world.accountId,
    ownerAlias: null,
    rootDeviceName: root?.device ?? '/dev/xvda',
    rootSizeGib: root?.sizeGib ?? 8,
    snapshotId: root?.snapshotId ?? '',
    platform: own.platform,
    createdAt: new Date(own.createdAtMs).toISOString(),
    disks,
    own,
    tags: own.tags,
  };
}

export function rootOf(image: Image): ImageDisk {
  const [own] = image.own?.disks ?? [];
  return (
    own ?? {
      device: image.rootDeviceName,
      snapshotId: image.snapshotId,
      sizeGib: image.rootSizeGib,
      type: 'gp3',
      isEncrypted: false,
      deleteOnTermination: true,
    }
  );
}

const disksOf = (image: Image): readonly ImageDisk[] => [rootOf(image), ...image.disks];

function tagsOfImage(world: World, image: Image): Tags {
  return world.imageTags.get(image.id)?.tags ?? image.tags;
}

const shownArchitecture = (image: Image): string => (image.architecture === 'any' ? 'x86_64' : image.architecture);

const locationOf = (image: Image): string => `${image.ownerAlias ?? image.ownerId}/${image.name}`;

const filters = (world: World): FilterTable<Image> => ({
  architecture: shownArchitecture,
  'block-device-mapping.delete-on-termination': (image) => disksOf(image).map((disk) => disk.deleteOnTermination),
  'block-device-mapping.device-name': (image) => disksOf(image).map((disk) => disk.device),
  'block-device-mapping.snapshot-id': (image) => disksOf(image).map((disk) => disk.snapshotId),
  'block-device-mapping.volume-size': (image) => disksOf(image).map((disk) => disk.sizeGib),
  'block-device-mapping.volume-type': (image) => disksOf(image).map((disk) => disk.type),
  'block-device-mapping.encrypted': (image) => disksOf(image).map((disk) => disk.isEncrypted),
  'boot-mode': (image) => (image.architecture === 'arm64' ? 'uefi' : 'uefi-preferred'),
  'manifest-location': (image) => locationOf(image),
  'sriov-net-support': () => 'simple',
  ...neverMet(
    'image-watermark.source-image-creation-time',
    'image-watermark.source-image-id',
    'image-watermark.source-image-region',
    'image-watermark.watermark-creation-time',
    'image-watermark.watermark-key',
    'kernel-id',
    'product-code',
    'product-code.type',
    'ramdisk-id',
    'state-reason-code',
    'state-reason-message',
  ),
  'creation-date': (image) => image.createdAt,
  description: (image) => image.description,
  'ena-support': () => true,
  hypervisor: () => 'xen',
  'image-id': (image) => image.id,
  'image-type': () => 'machine',
  'is-public': (image) => isPublic(image),
  'source-image-id': (image) => image.own?.sourceImageId,
  'source-image-region': (image) => (image.own?.sourceImageId === undefined ? undefined : world.region),
  'source-instance-id': (image) => image.own?.sourceInstanceId,
  name: (image) => image.name,
  'owner-alias': (image) => image.ownerAlias,
  'owner-id': (image) => image.ownerId,
  platform: (image) => image.platform,
  'root-device-name': (image) => image.rootDeviceName,
  'root-device-type': () => 'ebs',
  state: {
    of: (image) => imageState(world, image),
    allowed: ['available', 'pending', 'failed', 'invalid', 'deregistered', 'transient', 'error', 'disabled'],
  },
  'virtualization-type': { of: () => 'hvm', allowed: ['hvm', 'paravirtual'] },
});

/** Everybody's: another's that is here, or an own one that is shared with all. */
function isPublic({ own }: Image): boolean {
  return own === undefined || own.sharedWith?.includes('all') === true;
}

function imageState(world: World, image: Image): 'pending' | 'available' {
  return image.own && image.own.availableAtMs > world.nowMs() ? 'pending' : 'available';
}

export function disksWire(image: Image): Wire {
  return disksOf(image).map((disk) => ({
    deviceName: disk.device,
    ebs: {
      deleteOnTermination: disk.deleteOnTermination,
      snapshotId: disk.snapshotId,
      volumeSize: disk.sizeGib,
      volumeType: disk.type,
      ...(disk.type === 'gp3' ? { iops: 3000, throughput: 125 } : {}),
      encrypted: disk.isEncrypted,
    },
  }));
}

function imageWire(world: World, image: Image): Wire {
  return {
    imageId: image.id,
    imageLocation: locationOf(image),
    imageState: imageState(world, image),
    sourceInstanceId: image.own?.sourceInstanceId,
    sourceImageId: image.own?.sourceImageId,
    sourceImageRegion: image.own?.sourceImageId === undefined ? undefined : world.region,
    imageOwnerId: image.ownerId,
    creationDate: image.createdAt,
    isPublic: isPublic(image),
    architecture: shownArchitecture(image),
    imageType: 'machine',
    platform: image.platform,
    platformDetails: image.platform === 'windows' ? 'Windows' : 'Linux/UNIX',
    usageOperation: image.platform === 'windows' ? 'RunInstances:0002' : 'RunInstances',
    blockDeviceMapping: disksWire(image),
    description: image.description,
    enaSupport: true,
    hypervisor: 'xen',
    imageOwnerAlias: image.ownerAlias,
    name: image.name,
    rootDeviceName: image.rootDeviceName,
    rootDeviceType: 'ebs',
    sriovNetSupport: 'simple',
    virtualizationType: 'hvm',
    bootMode: image.architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
    imdsSupport: 'v2.0',
    tagSet: tagSet(image.tags),
  };
}

export const imageActions: readonly Action[] = [
  action({
    name: 'DescribeImages',
    rate: 'non-mutating',
    filters,
    fields: {
      ImageId: list(text()),
      Owner: list(text()),
      ExecutableBy: list(text()),
      Filter: filterField,
      IncludeDeprecated: boolean(),
      IncludeDisabled: boolean(),
      MaxResults: integer(),
      NextToken: text(),
    },
    run(world, parameters, call) {
      const byId = publicImages(world);
      const isOwned = (image: Image): boolean =>
        parameters.Owner.length === 0
        || parameters.Owner.some(
          (owner) =>
            owner === image.ownerId
            || owner === image.ownerAlias
            || (owner === 'self' && image.ownerId === world.accountId),
        );
      const shelved = (image: Image): Image => ({ ...image, tags: tagsOfImage(world, image) });
      const find = (id: string): Image | undefined => {
        const [own, shared] = [world.images.get(id), byId.get(id)];
        return own ? shownOwn(world, own) : shared && shelved(shared);
      };
      const isAsked = (image: Image): boolean => isOwned(image) && call.matches(image);
      const ownImages: ListFrom<Image> = function* (after) {
        for (const { place, item } of world.images.list(after)) yield { place, item: shownOwn(world, item) };
      };
      const from =
        parameters.ImageId.length > 0
          ? fixedList(allOf('image', parameters.ImageId, find))
          : concatenated([fixedList([...byId.values()].map(shelved)), ownImages]);
      const page = pageOf(from, parameters, { min: 1, max: 1000 }, call, isAsked);
      return { imagesSet: page.items.map((image) => imageWire(world, image)), nextToken: page.nextToken };
    },
  }),
];
