// What an account has in general. Limits in vCPU are Service Quotas' in AWS; here the control routes set them.
import { Ec2Error } from '../../cloud/errors.ts';
import { action } from '../action.ts';
import type { Action } from '../action.ts';
import { list, text } from '../protocol/fields.ts';

export const accountActions: readonly Action[] = [
  action({
    name: 'DescribeAccountAttributes',
    rate: 'non-mutating',
    fields: { AttributeName: list(text()) },
    run(world, parameters) {
      const values: Readonly<Record<string, readonly string[]>> = {
        'supported-platforms': ['VPC'],
        'default-vpc': [world.defaultVpc()?.id ?? 'none'],
        'max-instances': [String(world.cloud.options.instanceLimit ?? 20)],
        'vpc-max-security-groups-per-interface': ['5'],
        'max-elastic-ips': ['5'],
        'vpc-max-elastic-ips': ['5'],
      };
      const unknown = parameters.AttributeName.filter((name) => !Object.hasOwn(values, name ?? ''));
      if (unknown.length > 0)
        throw new Ec2Error('InvalidParameterValue', `Unknown attribute name: ${unknown.join(', ')}`);
      return {
        accountAttributeSet: Object.entries(values)
          .filter(([name]) => parameters.AttributeName.length === 0 || parameters.AttributeName.includes(name))
          .map(([attributeName, all]) => ({
            attributeName,
            attributeValueSet: all.map((attributeValue) => ({ attributeValue })),
          })),
      };
    },
  }),
];
