// Launch templates and their numbered, immutable versions.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { boolean, integer, list, notModelled, required, text } from '../../protocol/fields.ts';
import { missingParameter } from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf, parts } from '../../protocol/paging.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { LaunchTemplate, LaunchTemplateVersion } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import { replayOr } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { mergeLaunchParameters, templateDataField, templateDataWire } from './launch-parameters.ts';
import type { LaunchParameters } from './launch-parameters.ts';

const versionsMax = 10_000;
const templatesMax = 5000;

interface TemplateName {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/** @throws Ec2Error where neither, both, or an unknown one is named */
export function findTemplate(world: World, named: TemplateName): LaunchTemplate {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named;
  if (id !== undefined && name !== undefined) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'The parameters LaunchTemplateId and LaunchTemplateName cannot be used together. Specify either one of them.',
    );
  }
  if (id !== undefined) return oneOfKind('launchTemplate', id, (wanted) => world.launchTemplates.get(wanted));
  if (name === undefined)
    throw new Ec2Error(
      'MissingParameter',
      'Either the launch template ID or the launch template name must be specified',
    );
  const found = templateNamed(world, name);
  if (!found)
    throw new Ec2Error(
      'InvalidLaunchTemplateName.NotFoundException',
      `The specified launch template, with template name ${name}, does not exist.`,
    );
  return found;
}

/** @throws Ec2Error in the words that EC2 has for lists, where one is missing */
function allNamed(world: World, names: readonly (string | undefined)[]): readonly LaunchTemplate[] {
  return names.map((name) => {
    const found = templateNamed(world, name ?? '');
    if (!found)
      throw new Ec2Error(
        'InvalidLaunchTemplateName.NotFoundException',
        'At least one of the launch templates specified in the request does not exist.',
      );
    return found;
  });
}

function templateNamed(world: World, name: string): LaunchTemplate | undefined {
  for (const template of world.launchTemplates.values()) if (template.name === name) return template;
  return undefined;
}

/** `$Latest`, `$Default` (also where absent) or a number. */
export function findVersion(template: LaunchTemplate, version: string | undefined): LaunchTemplateVersion {
  const number = versionNumber(template, version ?? '$Default');
  const found = template.versions.find((candidate) => candidate.number === number);
  if (!found)
    throw new Ec2Error(
      'InvalidLaunchTemplateId.VersionNotFound',
      `Could not find the specified version ${version ?? ''} for the launch template with ID ${template.id}.`,
    );
  return found;
}

function versionNumber(template: LaunchTemplate, version: string): number {
  if (version === '$Latest') return template.latestVersion;
  if (version === '$Default') return template.defaultVersion;
  if (!/^\d+$/.test(version))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.`,
    );
  return Number(version);
}

function templateWire(world: World, template: LaunchTemplate): Wire {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: wholeSeconds(template.createdAtMs),
    createdBy: `arn:aws:iam::${world.accountId}:root`,
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: template.latestVersion,
    operator: { managed: false },
    tagSet: tagSet(template.tags),
  };
}

function versionWire(world: World, template: LaunchTemplate, version: LaunchTemplateVersion): Wire {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.number,
    versionDescription: version.description,
    createTime: wholeSeconds(version.createdAtMs),
    createdBy: `arn:aws:iam::${world.accountId}:root`,
    defaultVersion: version.number === template.defaultVersion,
    launchTemplateData: templateDataWire(version.data),
    operator: { managed: false },
  };
}

/** What templates refuse though launches check the rest: structure, not whether things exist. */
function checkData(data: LaunchParameters): void {
  if (data.InstanceType !== undefined && data.InstanceRequirements) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'You cannot specify both InstanceType and InstanceRequirements in the same launch template.',
    );
  }
  if (data.UserData !== undefined && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data.UserData)) {
    throw new Ec2Error('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
}

const templateFilters: FilterTable<LaunchTemplate> = {
  'create-time': (template) => wholeSeconds(template.createdAtMs).toISOString(),
  'launch-template-name': (template) => template.name,
  'launch-template-id': (template) => template.id,
};

interface ShownVersion {
  readonly template: LaunchTemplate;
  readonly version: LaunchTemplateVersion;
  readonly isDefault: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

const newestFirst = (one: ShownVersion): number => -one.version.number;

/** EC2's own words, seen by moto's tests against AWS. */
const versionsOfWhat =
  'To describe the launch template data for all your launch templates, for ‘--versions’ specify ‘$Latest’, '
  + '‘$Default’, or both, and omit ‘--launch-template-id’, ‘--launch-template-name’, and version numbers. '
  + 'To describe the launch template data for a specific launch template, specify ‘--launch-template-id’ '
  + 'or ‘--launch-template-name’, and for ‘--versions’ specify one or more of the following values: '
  + '‘$Latest’, ‘$Default’, or one or more version numbers.';

const versionFilters: FilterTable<ShownVersion> = {
  'create-time': (one) => wholeSeconds(one.version.createdAtMs).toISOString(),
  'ebs-optimized': (one) => one.version.data.EbsOptimized,
  'http-endpoint': (one) => one.version.data.MetadataOptions?.HttpEndpoint,
  'http-tokens': (one) => one.version.data.MetadataOptions?.HttpTokens,
  'iam-instance-profile': (one) =>
    one.version.data.IamInstanceProfile?.Arn ?? one.version.data.IamInstanceProfile?.Name,
  'image-id': (one) => one.version.data.ImageId,
  'instance-type': (one) => one.version.data.InstanceType,
  'is-default-version': (one) => one.isDefault,
  'kernel-id': (one) => one.version.data.KernelId,
  'network-card-index': (one) => one.version.data.NetworkInterface?.map((network) => network?.NetworkCardIndex),
  'ram-disk-id': (one) => one.version.data.RamDiskId,
  ...neverMet('host-resource-group-arn', 'http-protocol-ipv4', 'license-configuration-arn'),
};

export const launchTemplateActions: readonly Action[] = [
  action({
    name: 'CreateLaunchTemplate',
    rate: 'mutating',
    fields: {
      ClientToken: text({ max: 128 }),
      LaunchTemplateData: required(templateDataField),
      VersionDescription: text({ max: 255 }),
      LaunchTemplateName: required(text()),
      TagSpecification: tagSpecificationField,
      Operator: notModelled(),
    },
    run(world, parameters, call) {
      const name = parameters.LaunchTemplateName;
      if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) {
        throw new Ec2Error(
          'InvalidLaunchTemplateName.MalformedException',
          'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and '
            + 'the following characters: - ( ) . / _.',
        );
      }
      return replayOr(world, 'CreateLaunchTemplate', parameters.ClientToken, call.parameters, {
        make() {
          checkData(parameters.LaunchTemplateData);
          if (templateNamed(world, name))
            throw new Ec2Error(
              'InvalidLaunchTemplateName.AlreadyExistsException',
              'Launch template name already in use.',
            );
          if (world.launchTemplates.size >= templatesMax)
            throw new Ec2Error(
              'LaunchTemplateLimitExceeded',
              `You have reached the limit of ${templatesMax} launch templates.`,
            );
          const createdAtMs = world.nowMs();
          return world.launchTemplates.put({
            id: world.newId('lt'),
            name,
            createdAtMs,
            defaultVersion: 1,
            latestVersion: 1,
            versions: [
              {
                number: 1,
                description: parameters.VersionDescription ?? null,
                createdAtMs,
                data: parameters.LaunchTemplateData,
              },
            ],
            tags: tagsOnly('launch-template', parameters.TagSpecification),
          }).id;
        },
        show: (id) => ({
          launchTemplate: templateWire(
            world,
            oneOfKind('launchTemplate', id, (wanted) => world.launchTemplates.get(wanted)),
          ),
        }),
      });
    },
  }),
  action({
    name: 'CreateLaunchTemplateVersion',
    rate: 'mutating',
    fields: {
      ClientToken: text({ max: 128 }),
      LaunchTemplateId: text(),
      LaunchTemplateName: text(),
      LaunchTemplateData: required(templateDataField),
      SourceVersion: text(),
      VersionDescription: text({ max: 255 }),
      ResolveAlias: boolean(),
    },
    run(world, parameters, call) {
      const { id: templateId } = findTemplate(world, parameters);
      return replayOr(world, `CreateLaunchTemplateVersion/${templateId}`, parameters.ClientToken, call.parameters, {
        make() {
          const template = findTemplate(world, { LaunchTemplateId: templateId });
          if (template.versions.length >= versionsMax)
            throw new Ec2Error(
              'LaunchTemplateVersionLimitExceeded',
              `You have reached the limit of ${versionsMax} versions.`,
            );
          const source =
            parameters.SourceVersion === undefined ? {} : findVersion(template, parameters.SourceVersion).data;
          const data =
            parameters.SourceVersion === undefined
              ? parameters.LaunchTemplateData
              : mergeLaunchParameters(source, parameters.LaunchTemplateData);
          checkData(data);
          const number = template.latestVersion + 1;
          const version = {
            number,
            description: parameters.VersionDescription ?? null,
            createdAtMs: world.nowMs(),
            data,
          };
          world.launchTemplates.put({ ...template, latestVersion: number, versions: [...template.versions, version] });
          return String(number);
        },
        show(number) {
          const template = findTemplate(world, { LaunchTemplateId: templateId });
          return { launchTemplateVersion: versionWire(world, template, findVersion(template, number)) };
        },
      });
    },
  }),
  action({
    name: 'DescribeLaunchTemplates',
    rate: 'non-mutating',
    filters: () => templateFilters,
    fields: {
      LaunchTemplateId: list(text()),
      LaunchTemplateName: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      let { list } = world.launchTemplates;
      if (parameters.LaunchTemplateId.length > 0)
        list = fixedList(allOf('launchTemplate', parameters.LaunchTemplateId, (id) => world.launchTemplates.get(id)));
      if (parameters.LaunchTemplateName.length > 0) list = fixedList(allNamed(world, parameters.LaunchTemplateName));
      const page = pageOf(list, parameters, { min: 1, max: 200, byDefault: 200 }, call, call.matches);
      return {
        launchTemplates: page.items.map((template) => templateWire(world, template)),
        nextToken: page.nextToken,
      };
    },
  }),
  action({
    name: 'DescribeLaunchTemplateVersions',
    rate: 'non-mutating',
    filters: () => versionFilters,
    fields: {
      LaunchTemplateId: text(),
      LaunchTemplateName: text(),
      LaunchTemplateVersion: list(required(text())),
      MinVersion: text(),
      MaxVersion: text(),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      ResolveAlias: boolean(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      const wanted = parameters.LaunchTemplateVersion;
      const isNamed = parameters.LaunchTemplateId !== undefined || parameters.LaunchTemplateName !== undefined;
      if (!isNamed && wanted.length === 0) throw new Ec2Error('MissingParameter', versionsOfWhat);
      if (!isNamed && !wanted.every((version) => version === '$Latest' || version === '$Default'))
        throw new Ec2Error('InvalidParameterValue', versionsOfWhat);
      const versionsOf = (template: LaunchTemplate): readonly ShownVersion[] => {
        const least = parameters.MinVersion === undefined ? 0 : versionNumber(template, parameters.MinVersion);
        const most = parameters.MaxVersion === undefined ? Infinity : versionNumber(template, parameters.MaxVersion);
        const versions =
          wanted.length > 0
            ? [...new Set(wanted.map((version) => findVersion(template, version)))]
            : template.versions.filter((version) => version.number >= least && version.number <= most).toReversed();
        return versions.map((version) => ({
          template,
          version,
          isDefault: version.number === template.defaultVersion,
          tags: {},
        }));
      };
      const list = isNamed
        ? parts(fixedList([findTemplate(world, parameters)]), versionsOf, newestFirst)
        : parts(world.launchTemplates.list, versionsOf, newestFirst);
      const page = pageOf(list, parameters, { min: 1, max: 200, byDefault: 200 }, call, call.matches);
      return {
        launchTemplateVersionSet: page.items.map((one) => versionWire(world, one.template, one.version)),
        nextToken: page.nextToken,
      };
    },
  }),
  action({
    name: 'ModifyLaunchTemplate',
    rate: 'mutating',
    fields: {
      ClientToken: text({ max: 128 }),
      LaunchTemplateId: text(),
      LaunchTemplateName: text(),
      SetDefaultVersion: text(),
    },
    run(world, parameters) {
      if (parameters.LaunchTemplateId !== undefined && parameters.LaunchTemplateName !== undefined)
        throw new Ec2Error(
          'InvalidParameterCombination',
          'Either provide launch template ID or launch template name to modify the template.',
        );
      const template = findTemplate(world, parameters);
      const wanted = parameters.SetDefaultVersion ?? '$Default';
      const number = versionNumber(template, wanted);
      if (!template.versions.some((version) => version.number === number))
        throw new Ec2Error(
          'InvalidLaunchTemplateId.VersionNotFound',
          `The launch template version ${wanted} is not found for the specified launch template.`,
        );
      return {
        launchTemplate: templateWire(world, world.launchTemplates.put({ ...template, defaultVersion: number })),
      };
    },
  }),
  action({
    name: 'DeleteLaunchTemplate',
    rate: 'mutating',
    fields: { LaunchTemplateId: text(), LaunchTemplateName: text() },
    run(world, parameters) {
      const template = findTemplate(world, parameters);
      world.launchTemplates.delete(template.id);
      return { launchTemplate: templateWire(world, template) };
    },
  }),
  action({
    name: 'DeleteLaunchTemplateVersions',
    rate: 'mutating',
    fields: { LaunchTemplateId: text(), LaunchTemplateName: text(), LaunchTemplateVersion: list(required(text())) },
    run(world, parameters) {
      const template = findTemplate(world, parameters);
      if (parameters.LaunchTemplateVersion.length === 0) throw missingParameter('LaunchTemplateVersion');
      const deleted: number[] = [];
      const kept: Wire[] = [];
      for (const wanted of parameters.LaunchTemplateVersion) {
        const number = versionNumber(template, wanted);
        const common = { launchTemplateId: template.id, launchTemplateName: template.name, versionNumber: number };
        if (number === template.defaultVersion) {
          kept.push({
            ...common,
            responseError: { code: 'unexpectedError', message: 'Cannot delete default launch template version.' },
          });
        } else if (!template.versions.some((version) => version.number === number)) {
          kept.push({
            ...common,
            responseError: {
              code: 'launchTemplateVersionDoesNotExist',
              message: 'The specified launch template version does not exist.',
            },
          });
        } else deleted.push(number);
      }
      world.launchTemplates.put({
        ...template,
        versions: template.versions.filter((version) => !deleted.includes(version.number)),
      });
      return {
        successfullyDeletedLaunchTemplateVersionSet: deleted.map((number) => ({
          launchTemplateId: template.id,
          launchTemplateName: template.name,
          versionNumber: number,
        })),
        unsuccessfullyDeletedLaunchTemplateVersionSet: kept,
      };
    },
  }),
];
