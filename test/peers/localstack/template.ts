// The parts of the stack's template that LocalStack's free edition knows, as a template of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeStack } from '../../../lib/local/localcloud/template.ts';
import type { TemplateResource } from '../../../lib/local/localcloud/template.ts';

/**
 * Left out: functions, which run in docker there; HTTP APIs and schemas, which need a licence; launch templates, which
 * it lacks; the table, whose DynamoDB Local is a peer of its own; what belongs to functions, and custom resources.
 */
const known = new RegExp(
  '^AWS::(S3::|Events::|SQS::|Logs::LogGroup|IAM::|CloudWatch::Alarm|'
    + 'EC2::(VPC$|Subnet|Internet|Route|SecurityGroup|VPCG))',
);

export interface KnownParts {
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly body: string;
}

export function knownParts(accountId: string, region: string): KnownParts {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-localstack-'));
  try {
    const props = { installation: 'peer', pools: [] };
    const { template } = synthesizeStack(props, { accountId, region }, folder);
    const all = Object.entries(template.Resources);
    const left = new Map(all.filter(([, { Type }]) => !known.test(Type)).map(([id, { Type }]) => [id, Type]));
    /** The name of what is left out, in the form that AWS checks. */
    const standIn = (id: string, attribute: string): string => {
      const service = left.get(id) === 'AWS::Lambda::Function' ? 'lambda' : 'dynamodb';
      return attribute.endsWith('Arn') ? `arn:aws:${service}:${region}:${accountId}:function:${id}` : id;
    };
    const replaced = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(replaced);
      if (typeof value !== 'object' || value === null) return value;
      const { Ref: ref, 'Fn::GetAtt': attribute } = value as {
        readonly Ref?: string;
        readonly 'Fn::GetAtt'?: readonly [string, string];
      };
      if (ref !== undefined && left.has(ref)) return standIn(ref, 'Ref');
      if (attribute !== undefined && left.has(attribute[0])) return standIn(...attribute);
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part)]));
    };
    const resources = Object.fromEntries(
      all
        .filter(([id]) => !left.has(id))
        .map(([id, { DependsOn: before = [], ...rest }]): [string, TemplateResource] => [
          id,
          { ...(replaced(rest) as TemplateResource), DependsOn: [before].flat().filter((one) => !left.has(one)) },
        ]),
    );
    return { resources, body: JSON.stringify({ Resources: resources }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
