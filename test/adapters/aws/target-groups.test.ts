// What the calls of target groups meet, from a stand-in written from the documented protocol: each fault has its kind
// and what to do, and no call is repeated.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadedOnce } from '../../../lib/adapters/aws/sdk.ts';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsTargetGroups } from '../../../lib/adapters/aws/ec2/target-groups.ts';
import { TargetGroupError } from '../../../lib/ports/ec2/target-groups.ts';

const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const namespace = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';
const targets = [{ id: '10.0.0.7', port: 30_001 }];

let server: Server;
let groups: AwsTargetGroups;
/** null: none comes. */
let answer: readonly [status: number, body: string] | null;
let sent: URLSearchParams[];
beforeEach(async () => {
  sent = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      sent.push(new URLSearchParams(body));
      if (answer !== null) response.writeHead(answer[0], { 'content-type': 'text/xml' }).end(answer[1]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  groups = new AwsTargetGroups({
    region: 'us-east-1',
    credentials: () => ({ accessKeyId: 'AKID', secretAccessKey: 'key' }),
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    timeoutMs: 1_000,
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const refusal = (code: string): string =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>`
  + `<Message>as it is</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

test.each<[fault: string, status: number, code: string, cure: string]>([
  ['missing', 400, 'TargetGroupNotFound', 'in the region of this installation'],
  ['invalid_target', 400, 'InvalidTarget', 'in the VPC of the nodes'],
  ['too_many_targets', 400, 'TooManyTargets', 'a higher quota'],
  ['too_many_targets', 400, 'TooManyRegistrationsForTargetId', 'a higher quota'],
  ['access_denied', 403, 'AccessDenied', 'the ARN of the group among targetGroups'],
  ['throttled', 400, 'Throttling', 'tried again by itself'],
  ['no_answer', 503, 'ServiceUnavailable', 'tried again by itself'],
  ['refused', 400, 'ValidationError', 'correct the target group'],
])('%s: HTTP %s %s', async (fault, status, code, cure) => {
  answer = [status, refusal(code)];
  const failed = await groups.register(arn, targets).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(TargetGroupError);
  expect(failed).toMatchObject({ fault, code: `target_group_${fault}`, message: expect.stringContaining(cure) });
  expect((failed as Error).message).toContain(arn);
  expect(sent).toHaveLength(1);
});

test('a call without an answer ends at its deadline, and whether it had an effect is not known', async () => {
  answer = null;
  const failed = await groups.deregister(arn, targets).catch((error: unknown) => error);
  expect(failed).toMatchObject({ fault: 'no_answer' });
  expect(sent.map((one) => one.get('Action'))).toEqual(['DeregisterTargets']);
});

test('targets are sent with their ports, and health is read with its reason', async () => {
  answer = [200, `<RegisterTargetsResponse xmlns="${namespace}"><RegisterTargetsResult/></RegisterTargetsResponse>`];
  await groups.register(arn, targets);
  expect(Object.fromEntries(sent[0] ?? [])).toMatchObject({
    Action: 'RegisterTargets',
    TargetGroupArn: arn,
    'Targets.member.1.Id': '10.0.0.7',
    'Targets.member.1.Port': '30001',
  });
  const member = (port: number, health: string): string =>
    `<member><Target><Id>10.0.0.7</Id><Port>${String(port)}</Port></Target>`
    + `<TargetHealth>${health}</TargetHealth></member>`;
  const all =
    member(30_001, '<State>unhealthy</State><Reason>Target.Timeout</Reason>')
    + member(30_002, '<State>healthy</State>');
  answer = [
    200,
    `<DescribeTargetHealthResponse xmlns="${namespace}"><DescribeTargetHealthResult><TargetHealthDescriptions>${all}`
      + '</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>',
  ];
  expect(await groups.health(arn)).toEqual([
    { id: '10.0.0.7', port: 30_001, health: { state: 'unhealthy', reason: 'Target.Timeout' } },
    { id: '10.0.0.7', port: 30_002, health: { state: 'healthy', reason: null } },
  ]);
});

test('what is loaded at its first use is kept; a load that failed is made anew by the next use', async () => {
  let loads = 0;
  const get = loadedOnce(async () => {
    loads += 1;
    if (loads === 1) throw new Error('EMFILE');
    return loads;
  });
  // Both wait for the same load.
  const [first, second] = await Promise.allSettled([get(), get()]);
  expect([first.status, second.status, loads]).toEqual(['rejected', 'rejected', 1]);
  expect([await get(), await get(), loads]).toEqual([2, 2, 2]);
});
