// The template that is deployed on AWS, fitted to a local cloud. What is left out or replaced is this list:
// - AWS::EC2::*: the EC2 simulator has its own network and launch templates, and references lead to those;
// - AWS::EventSchemas::*: the registry is for people, and local clouds lack it;
// - rules for AWS's events listen to `simulated.ec2` instead of `aws.ec2` and so on, because nobody may send events as
//   `aws.*`, and hand them on as what they would be on AWS;
// - parameters that are looked up in SSM (images) become what EC2 looks up itself, `resolve:ssm:…`; the check of the
//   bootstrap version goes;
// - no machine boots: a stand-in takes the place of the nodes' Node.js;
// - functions get the address of the EC2 simulator (AWS_ENDPOINT_URL_EC2).
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bellows } from '../../infra/index.ts';
import type { BellowsProps } from '../../infra/index.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { standInRuntime } from './stand-in-runtime.ts';
import { zipOf } from './zip.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

export interface CloudTemplate {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

export interface FileAsset {
  readonly bucket: string;
  readonly key: string;
  /** A folder that is to be zipped, or a file. */
  readonly path: string;
  readonly isFolder: boolean;
}

export interface SynthesizedStack {
  readonly template: CloudTemplate & Readonly<Record<string, unknown>>;
  readonly assets: readonly FileAsset[];
}

interface AssetManifest {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string; readonly packaging: 'zip' | 'file' };
        readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
      }
    >
  >;
}

/** What `npx cdk deploy` would deploy, with its assets, but for Node.js. */
export function synthesizeStack(
  props: BellowsProps,
  account: { readonly accountId: string; readonly region: string },
  outdir: string,
): SynthesizedStack {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Bellows');
  mkdirSync(outdir, { recursive: true });
  new Bellows(stack, 'Bellows', { ...props, nodeRuntime: standInRuntime(mkdtempSync(join(outdir, 'runtime-'))) });
  app.synth();
  const read = (name: string): unknown => JSON.parse(readFileSync(join(outdir, name), 'utf8'));
  const filled = (text: string): string =>
    text.replaceAll('${AWS::AccountId}', account.accountId).replaceAll('${AWS::Region}', account.region);
  const assets = Object.values((read('Bellows.assets.json') as AssetManifest).files).flatMap(
    ({ source, destinations }) =>
      Object.values(destinations).map((to): FileAsset => ({
        bucket: filled(to.bucketName),
        key: filled(to.objectKey),
        path: join(outdir, source.path),
        isFolder: source.packaging === 'zip',
      })),
  );
  return {
    template: read('Bellows.template.json') as SynthesizedStack['template'],
    assets: assets.filter((asset) => !asset.path.endsWith('.template.json')),
  };
}

export interface SimulatedEc2Ids {
  readonly templateIds: Readonly<Record<'amd64' | 'arm64', string>>;
  /** In the order of the zones. */
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly vpcId: string;
  /** As functions reach it. */
  readonly endpoint: string;
}

/** The stack had something of EC2 that this file knows no counterpart for. */
export class UnknownReferenceError extends BellowsError {
  constructor(what: string) {
    super(
      'unknown_reference',
      `the template refers to ${what}, for which the local cloud has no counterpart; name one in `
        + 'localcloud-template.ts',
    );
  }
}

export function fitTemplate(
  template: CloudTemplate & Readonly<Record<string, unknown>>,
  ids: SimulatedEc2Ids,
): CloudTemplate {
  const removed = new Map(
    Object.entries(template.Resources).filter(([, { Type }]) => /^AWS::(EC2|EventSchemas)::|^AWS::CDK::/.test(Type)),
  );
  const subnets = [...removed].filter(([, { Type }]) => Type === 'AWS::EC2::Subnet').map(([id]) => id);
  const counterpart = (id: string, attribute: string): string => {
    const type = removed.get(id)?.Type;
    if (type === 'AWS::EC2::LaunchTemplate')
      // Of every kind: the local cloud bills no credits and has no drivers.
      return attribute === 'LatestVersionNumber' ? '1' : ids.templateIds[/arm64/.test(id) ? 'arm64' : 'amd64'];
    if (type === 'AWS::EC2::Subnet') return ids.subnetIds[subnets.indexOf(id)] ?? 'subnet-none';
    if (type === 'AWS::EC2::SecurityGroup') return ids.securityGroupId;
    if (type === 'AWS::EC2::VPC') return ids.vpcId;
    throw new UnknownReferenceError(`${attribute} of ${type ?? id}`);
  };
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref: ref, 'Fn::GetAtt': attribute } = value as {
      readonly Ref?: string;
      readonly 'Fn::GetAtt'?: readonly [string, string];
    };
    const parameter = template.Parameters?.[ref ?? ''];
    if (parameter?.Type.startsWith('AWS::SSM::Parameter::Value<') === true)
      return `resolve:ssm:${parameter.Default ?? ''}`;
    if (ref !== undefined && removed.has(ref)) return counterpart(ref, 'Ref');
    if (attribute !== undefined && removed.has(attribute[0])) return counterpart(attribute[0], attribute[1]);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replace(part)]));
  };
  const kept = Object.entries(template.Resources)
    .filter(([id]) => !removed.has(id))
    .map(([id, resource]): readonly [string, TemplateResource] => {
      const { DependsOn: dependsOn, ...rest } = resource;
      const needs = [dependsOn ?? []].flat().filter((name) => !removed.has(name));
      return [
        id,
        {
          ...(replace(withEndpoint(forSimulatedEvents(rest), ids.endpoint)) as TemplateResource),
          ...(needs.length === 0 ? {} : { DependsOn: needs }),
        },
      ];
    });
  return { Resources: Object.fromEntries(kept), Outputs: replace(template.Outputs) as CloudTemplate['Outputs'] };
}

/** `simulated.ec2` for `aws.ec2`. */
export function simulatedSource(source: string): string {
  return source.replace(/^aws\./, 'simulated.');
}

function forSimulatedEvents(resource: TemplateResource): TemplateResource {
  const { EventPattern: pattern, Targets: targets } = resource.Properties as {
    readonly EventPattern?: { readonly source?: readonly string[] };
    readonly Targets?: readonly object[];
  };
  const [source] = pattern?.source ?? [];
  if (resource.Type !== 'AWS::Events::Rule' || source?.startsWith('aws.') !== true) return resource;
  const asOnAws = {
    InputPathsMap: { time: '$.time', type: '$.detail-type', detail: '$.detail' },
    InputTemplate: `{"source":"${source}","time":<time>,"detail-type":<type>,"detail":<detail>}`,
  };
  return {
    ...resource,
    Properties: {
      ...resource.Properties,
      EventPattern: { ...pattern, source: [simulatedSource(source)] },
      Targets: (targets ?? []).map((target) => ({ ...target, InputTransformer: asOnAws })),
    },
  };
}

function withEndpoint(resource: TemplateResource, endpoint: string): TemplateResource {
  if (resource.Type !== 'AWS::Lambda::Function') return resource;
  const { Variables: variables = {} } = (resource.Properties['Environment'] ?? {}) as { readonly Variables?: object };
  return {
    ...resource,
    Properties: {
      ...resource.Properties,
      Environment: { Variables: { ...variables, AWS_ENDPOINT_URL_EC2: endpoint } },
    },
  };
}

/** As it is uploaded. */
export function zipped(asset: FileAsset): Uint8Array {
  return asset.isFolder ? zipOf(asset.path) : readFileSync(asset.path);
}
