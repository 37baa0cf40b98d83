// Single attributes of images: DescribeImageAttribute, and what an owner may change.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { idKinds } from '../../ids.ts';
import { list, notModelled, oneOf, required, struct, text } from '../../protocol/fields.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { OwnImage } from '../../records.ts';
import type { World } from '../../world.ts';
import { changed, flatFields, permissionChange, sharersWire } from '../storage/sharing.ts';
import { attributeField } from '../instances/describe-instances.ts';
import { disksWire, findImage, imageExists } from './images.ts';
import type { Image } from './images.ts';

const modelled = [
  'description',
  'kernel',
  'ramdisk',
  'launchPermission',
  'productCodes',
  'blockDeviceMapping',
  'sriovNetSupport',
  'bootMode',
] as const;
const known = [
  ...modelled,
  'tpmSupport',
  'uefiData',
  'lastLaunchedTime',
  'imdsSupport',
  'deregistrationProtection',
] as const;

/** @throws Ec2Error where it is another's, or nobody's */
function ownImage(world: World, id: string): OwnImage {
  const own = world.images.get(id);
  if (own) return own;
  if (imageExists(world, id)) throw new Ec2Error('AuthFailure', `Not authorized for image:${id}`, 403);
  throw idKinds.image.notFound([id]);
}

function attributeWire(world: World, image: Image, name: (typeof modelled)[number]): Readonly<Record<string, Wire>> {
  const values: Readonly<Record<(typeof modelled)[number], () => Wire>> = {
    description: () => ({ value: image.description }),
    kernel: () => ({}),
    ramdisk: () => ({}),
    launchPermission: () => sharersWire(ownImage(world, image.id).sharedWith ?? []),
    productCodes: () => [],
    blockDeviceMapping: () => disksWire(image),
    sriovNetSupport: () => ({ value: 'simple' }),
    bootMode: () => ({ value: image.architecture === 'arm64' ? 'uefi' : 'uefi-preferred' }),
  };
  return { [name]: values[name]() };
}

export const imageAttributeActions: readonly Action[] = [
  action({
    name: 'DescribeImageAttribute',
    rate: 'non-mutating',
    fields: { Attribute: required(attributeField(known, modelled)), ImageId: required(text()) },
    run(world, parameters) {
      const image = findImage(world, parameters.ImageId);
      return { imageId: image.id, ...attributeWire(world, image, parameters.Attribute) };
    },
  }),
  action({
    name: 'ModifyImageAttribute',
    rate: 'mutating',
    fields: {
      Attribute: oneOf('description', 'launchPermission'),
      Description: struct({ Value: text({ max: 255 }) }),
      ImageId: required(text()),
      ImdsSupport: notModelled(),
      LaunchPermission: permissionChange,
      OrganizationArn: notModelled(),
      OrganizationalUnitArn: notModelled(),
      ProductCode: list(notModelled()),
      Value: text({ max: 255 }),
      ...flatFields,
    },
    run(world, parameters) {
      const image = ownImage(world, parameters.ImageId);
      const flat = parameters.Attribute === 'description' ? parameters.Value : undefined;
      world.images.put({
        ...image,
        description: parameters.Description?.Value ?? flat ?? image.description,
        sharedWith: changed(image.sharedWith ?? [], parameters.LaunchPermission, parameters),
      });
      return done;
    },
  }),
  action({
    name: 'ResetImageAttribute',
    rate: 'mutating',
    fields: { Attribute: required(oneOf('launchPermission')), ImageId: required(text()) },
    run(world, parameters) {
      world.images.put({ ...ownImage(world, parameters.ImageId), sharedWith: [] });
      return done;
    },
  }),
];
