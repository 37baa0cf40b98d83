// A simulator on a port of its own, with time that only moves when told, and the real SDK pointed at it.
import { EC2Client } from '@aws-sdk/client-ec2';
import { SimulationClock } from '../../../../lib/adapters/simulated/ec2/http/clock.ts';
import { Ec2Simulator } from '../../../../lib/adapters/simulated/ec2/http/server.ts';
import type { SimulatorSetup } from '../../../../lib/adapters/simulated/ec2/http/server.ts';

export const image = 'ami-0abcdef1234567890';
export const zoneA = 'us-east-1a';
export const zoneB = 'us-east-1b';

export interface RawAnswer {
  readonly status: number;
  readonly xml: string;
  /** Of an error; undefined where the call worked. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export interface Ec2Bench {
  readonly simulator: Ec2Simulator;
  readonly ec2: EC2Client;
  /** Another account's client of the same simulator. */
  client(account: string, region?: string): EC2Client;
  /** One call as it is written on the wire, and its answer: `Action=…&…`. */
  raw(query: string): Promise<RawAnswer>;
  /** Lets this much simulated time pass. */
  pass(ms: number): void;
  /** One control route. */
  control(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const authorization =
  'AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';

export async function openBench(setup: SimulatorSetup = {}): Promise<Ec2Bench> {
  const clock = new SimulationClock();
  clock.set('stepped');
  const { cloud, ...options } = setup.options ?? {};
  const simulator = await Ec2Simulator.start({
    throttling: 'off',
    clock,
    ...setup,
    options: { ...options, cloud: { launchMs: 2000, shutdownMs: 1000, describeLagMs: 0, ...cloud } },
  });
  const clients: EC2Client[] = [];
  const client = (account: string, region = 'us-east-1'): EC2Client => {
    const made = new EC2Client({
      region,
      endpoint: simulator.endpoint,
      credentials: { accessKeyId: account, secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    clients.push(made);
    return made;
  };
  return {
    simulator,
    ec2: client('123456789012'),
    client,
    async raw(query) {
      const response = await fetch(simulator.endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
        body: query,
      });
      const xml = await response.text();
      const [code, message] = [/<Code>(.*?)<\/Code>/.exec(xml)?.[1], /<Message>(.*?)<\/Message>/.exec(xml)?.[1]];
      return { status: response.status, xml, code, message };
    },
    pass(ms) {
      clock.step(ms);
      simulator.events.pump();
    },
    async control(method, path, body) {
      const response = await fetch(`${simulator.endpoint}/_sim/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${String(answer['error'])}`);
      return answer;
    },
    async close() {
      for (const one of clients) one.destroy();
      await simulator.close();
    },
  };
}

/** More than any launch, stop or attachment of the bench takes. */
export const longMs = 10_000;

/** The value, which must be there. */
export function given<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('a value that must be there is missing');
  return value;
}
