// `npx cdk deploy`: one stack with one installation. What to deploy is said by context (-c name=value).
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { poolsOfFile } from '../api/pool-file.ts';
import { readOptions } from './options.ts';
import { Bellows } from './bellows.ts';

const app = new App();
const { vpcId, account, region, ...props } = readOptions(
  (name) => app.node.tryGetContext(name) as unknown,
  poolsOfFile,
);
// Without an account and a region the template fits any; a VPC can only be looked up in a given one.
const stack = new Stack(app, `Bellows-${props.installation}`, {
  description: `Bellows, elastic compute without a cluster: installation ${props.installation}`,
  ...(account !== undefined && region !== undefined ? { env: { account, region } } : {}),
});
new Bellows(stack, 'Bellows', {
  ...props,
  ...(vpcId === undefined ? {} : { vpc: ec2.Vpc.fromLookup(stack, 'GivenVpc', { vpcId }) }),
});
