// Instance types that are younger than the packaged catalog, from what EC2 says about them.
import { DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import type { _InstanceType, EC2Client } from '@aws-sdk/client-ec2';
import { typeFacts } from '../../../../core/catalog/facts.ts';
import type { TypeFacts } from '../../../../core/catalog/facts.ts';
import { cloudError } from '../sdk-errors.ts';

const namesPerCall = 100;

/** Facts of each that Linux runs on. */
export async function describeTypes(
  client: Pick<EC2Client, 'send'>,
  names: readonly string[],
): Promise<readonly TypeFacts[]> {
  const facts: TypeFacts[] = [];
  for (let from = 0; from < names.length; from += namesPerCall) {
    try {
      // The SDK's list of names is as old as the SDK; these are younger.
      const { InstanceTypes: types = [] } = await client.send(
        new DescribeInstanceTypesCommand({ InstanceTypes: names.slice(from, from + namesPerCall) as _InstanceType[] }),
      );
      facts.push(...types.flatMap((type) => typeFacts(type) ?? []));
    } catch (error) {
      throw cloudError('DescribeInstanceTypes', error);
    }
  }
  return facts.sort((a, b) => (a.name < b.name ? -1 : 1));
}
