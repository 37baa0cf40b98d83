// Every request that the EC2 adapter sends in its contracts, and every answer that the EC2 simulator gives, held
// against botocore's model of EC2 (PyPI): botocore must take the same input and send the same, and know every element
// of the answer.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EC2Client } from '@aws-sdk/client-ec2';
import { pythonBin } from '../tools.ts';

interface Recorded {
  readonly operation: string;
  readonly input: unknown;
  readonly request: string;
  readonly status: number;
  readonly answer: string;
}

const recorded: Recorded[] = [];
const folder = mkdtempSync(join(tmpdir(), 'bellows-botocore-'));
let bin: string;

type Send = EC2Client['send'];
interface Request {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of servers that answer wrongly on purpose. */
const isStub = ({ headers }: Request): boolean => headers['authorization']?.includes('Credential=1/') === true;

interface Sent {
  readonly middlewareStack: { readonly add: (middleware: unknown, options: object) => void };
}
interface Answered {
  readonly response: { readonly statusCode: number; body: AsyncIterable<Buffer> };
}

/** Next to the connection: what is sent as it is sent, and the answer before it is parsed. */
const recording =
  (next: (args: { input: unknown; request: Request }) => Promise<Answered>, context: { commandName: string }) =>
  async (args: { input: unknown; request: Request }): Promise<Answered> => {
    const result = await next(args);
    if (isStub(args.request)) return result;
    const chunks: Buffer[] = [];
    for await (const chunk of result.response.body) chunks.push(chunk);
    const answer = Buffer.concat(chunks);
    result.response.body = Readable.from([answer]);
    recorded.push({
      operation: context.commandName.replace(/Command$/, ''),
      input: args.input,
      request: args.request.body,
      status: result.response.statusCode,
      answer: answer.toString(),
    });
    return result;
  };

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the client that it is called on, below
const send = EC2Client.prototype.send as (this: EC2Client, command: Sent, ...rest: readonly unknown[]) => unknown;
EC2Client.prototype.send = function (this: EC2Client, command: Sent, ...rest: readonly unknown[]) {
  command.middlewareStack.add(recording, { step: 'deserialize', priority: 'low', name: 'recording', override: true });
  return send.call(this, command, ...rest);
} as unknown as Send;

beforeAll(() => {
  bin = pythonBin('botocore', ['botocore==1.44.8']);
}, 660_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

// Their tests run here, and are recorded.
await import('../../emulator/ec2-compute.test.ts');
await import('../../emulator/ec2-resources.test.ts');
await import('../../emulator/ec2-catalog.test.ts');
await import('../../adapters/simulated/ec2/fleets/fleet-life.test.ts');
await import('../../adapters/simulated/ec2/fleets/reservations.test.ts');
await import('../../adapters/simulated/ec2/fleets/spot-requests.test.ts');
await import('../../adapters/simulated/ec2/instances/options.test.ts');
await import('../../adapters/simulated/ec2/networks/interfaces.test.ts');
await import('../../adapters/simulated/ec2/networks/vpcs.test.ts');
await import('../../adapters/simulated/ec2/networks/addresses.test.ts');
await import('../../adapters/simulated/ec2/networks/changes.test.ts');
await import('../../adapters/simulated/ec2/images.test.ts');

test('botocore sends the same requests, and knows every element of the answers', () => {
  const file = join(folder, 'calls.json');
  writeFileSync(file, JSON.stringify(recorded));
  const script = join(dirname(fileURLToPath(import.meta.url)), 'python', 'botocore_check.py');
  const done = spawnSync(join(bin, 'python'), [script, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(done.stderr).toBe('');
  const { checked, objections } = JSON.parse(done.stdout) as {
    readonly checked: Readonly<Record<string, number>>;
    readonly objections: readonly string[];
  };
  console.log(
    Object.entries(checked)
      .map(([name, count]) => `${name} ${String(count)}`)
      .join(', '),
  );
  expect(objections).toEqual([]);
  expect(Object.keys(checked).length).toBeGreaterThan(20);
});
