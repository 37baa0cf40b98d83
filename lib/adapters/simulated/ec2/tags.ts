// Tags: their limits ("Tag your Amazon EC2 resources"), how they come in and how they are shown.
import { dictionary } from '../../../core/values/dictionary.ts';
import { Ec2Error } from '../cloud/errors.ts';
import { list, required, struct, text } from './protocol/fields.ts';
import type { Field } from './protocol/fields.ts';

export type Tags = Readonly<Record<string, string>>;

export const tagField = struct({ Key: text(), Value: text() });
type TagList = readonly ({ readonly Key: string | undefined; readonly Value: string | undefined } | undefined)[];

const tagsPerResource = 50;

/** What a call of this simulator can tag. */
const taggable = new Set([
  'instance',
  'volume',
  'network-interface',
  'spot-instances-request',
  'fleet',
  'launch-template',
  'snapshot',
  'security-group',
  'security-group-rule',
  'key-pair',
  'image',
  'subnet',
  'vpc',
  'internet-gateway',
  'route-table',
  'placement-group',
  'capacity-reservation',
  'elastic-ip',
  'natgateway',
  'elastic-gpu',
]);

const specification = list(struct({ ResourceType: required(text()), Tag: list(tagField) }));

export const tagSpecificationField: Field<ReturnType<typeof specification.parse>> = {
  shape: specification.shape,
  parse(node, path) {
    const specifications = specification.parse(node, path);
    const seen = new Set<string>();
    for (const one of specifications) {
      if (!one) continue;
      if (!taggable.has(one.ResourceType))
        throw new Ec2Error('InvalidParameterValue', `'${one.ResourceType}' is not a valid taggable resource type.`);
      if (seen.has(one.ResourceType))
        throw new Ec2Error(
          'InvalidParameterValue',
          `Duplicate resource type '${one.ResourceType}' in tag specifications.`,
        );
      seen.add(one.ResourceType);
      if (one.Tag.length === 0)
        throw new Ec2Error('InvalidParameterValue', 'Tag specification must have at least one tag');
      tagsOf(one.Tag);
    }
    return specifications;
  },
};

/** The tags of a call that makes one kind of resource. @throws Ec2Error where it names another kind */
export function tagsOnly(resourceType: string, specifications: ReturnType<typeof specification.parse>): Tags {
  for (const one of specifications) {
    if (one && one.ResourceType !== resourceType) {
      throw new Ec2Error(
        'InvalidParameterValue',
        `'${one.ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
  }
  return tagsOf(specifications.flatMap((one) => one?.Tag ?? []));
}

/** @throws Ec2Error for keys and values that EC2 refuses */
export function tagsOf(tagList: TagList): Tags {
  const tags = dictionary<string>();
  for (const tag of tagList) {
    const key = tag?.Key ?? '';
    if (key === '') throw new Ec2Error('InvalidParameterValue', 'Tag key cannot be empty');
    if (key.length > 127)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Tag key exceeds the maximum length of 127 characters ('${key.slice(0, 40)}…')`,
      );
    if (key.toLowerCase().startsWith('aws:'))
      throw new Ec2Error('InvalidParameterValue', `Tag keys starting with 'aws:' are reserved for internal use`);
    const value = tag?.Value ?? '';
    if (value.length > 255)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Tag value exceeds the maximum length of 255 characters (key '${key}')`,
      );
    if (Object.hasOwn(tags, key)) throw new Ec2Error('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    tags[key] = value;
  }
  checkTagCount(tags);
  return tags;
}

export function checkTagCount(tags: Tags): void {
  if (Object.keys(tags).length > tagsPerResource)
    throw new Ec2Error('TagLimitExceeded', `More than ${tagsPerResource} tags specified`);
}

export function tagSet(tags: Tags): readonly { readonly key: string; readonly value: string }[] | undefined {
  const entries = Object.entries(tags);
  return entries.length === 0 ? undefined : entries.map(([key, value]) => ({ key, value }));
}
