// Target groups of Elastic Load Balancing, on whichever local AWS: a service's replicas are registered, seen and
// deregistered.
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetTypeEnum } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AwsTargetGroups } from '../../../lib/adapters/aws/ec2/target-groups.ts';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import { clientOptions } from './place.ts';
import type { LocalPlace } from './place.ts';

/** `open` is called once it runs. */
export function describeTargetGroups(open: () => LocalPlace): void {
  describe('target groups', () => {
    let owner: ElasticLoadBalancingV2Client;
    let groups: AwsTargetGroups;
    const make = async (Name: string, TargetType: TargetTypeEnum): Promise<string> => {
      const command = new CreateTargetGroupCommand({ Name, TargetType, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' });
      return (await owner.send(command)).TargetGroups?.[0]?.TargetGroupArn ?? '';
    };
    afterAll(() => {
      owner.destroy();
    });

    let arn: string;
    beforeAll(async () => {
      const aws = clientOptions(open());
      owner = new ElasticLoadBalancingV2Client(keepingConnections(aws));
      groups = new AwsTargetGroups(aws);
      arn = await make('web', 'ip');
    });

    test('a group is described with its kind and its deregistration delay', async () => {
      expect(await groups.describe(arn)).toEqual({ kind: 'ip', type: 'ip', delayMs: 300_000 });
      expect(await groups.describe(await make('machines', 'instance'))).toMatchObject({ kind: 'instance' });
      expect(await groups.describe(await make('functions', 'lambda'))).toMatchObject({ kind: null, type: 'lambda' });
    });

    test('targets are registered, also twice, seen with their health, and deregistered', async () => {
      // MiniStack knows one port of each address.
      const targets = [30_001, 30_002].map((port) => ({ id: `10.0.0.${String(port - 30_000)}`, port }));
      await groups.register(arn, targets);
      await groups.register(arn, targets.slice(0, 1));
      const health = { state: 'healthy', reason: null };
      const ports = async () => [...(await groups.health(arn))].sort((a, b) => a.port - b.port);
      expect(await ports()).toEqual(targets.map((one) => ({ ...one, health })));
      await groups.deregister(arn, targets.slice(0, 1));
      expect(await ports()).toEqual([{ ...targets[1], health }]);
      await groups.deregister(arn, targets);
      expect(await ports()).toEqual([]);
    });

    test('a group that is not there is missing for each call, with what to do', async () => {
      const gone = arn.replace('/web/', '/gone/');
      const failed = await groups.describe(gone).catch((error: unknown) => error);
      expect(failed).toMatchObject({ fault: 'missing', message: expect.stringContaining('declare the service with') });
    });
  });
}
