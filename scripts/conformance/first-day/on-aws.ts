// A first day on AWS: the documented commands as they are, and EC2 asked what is left.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { unlimitedBudget } from '../../../lib/adapters/aws/call-budget.ts';
import { createEc2Client } from '../../../lib/adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../../lib/adapters/aws/ec2/cloud.ts';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import type { AwsClientOptions } from '../../../lib/adapters/aws/sdk.ts';
import { ApiClient, patienceMs } from '../../../lib/local/server/api-client.ts';
import { signHeaders } from '../../../lib/adapters/aws/execute-api-signing.ts';
import { FaultInjection, fisRole } from './fis.ts';
import type { Place } from './place.ts';
import { poolLimits } from './plan.ts';

export const installation = 'first-day';
const stack = `Bellows-${installation}`;
const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface AwsPlaceOptions {
  readonly pool: string;
  readonly region: string;
  readonly usdMax: number;
  readonly credentials: AwsClientOptions['credentials'];
  readonly say: (line: string) => void;
}

export function awsPlace(options: AwsPlaceOptions): Place {
  return new AwsPlace(options);
}

class AwsPlace implements Place {
  readonly name: string;
  readonly #options: AwsPlaceOptions;
  readonly #aws: AwsClientOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bellows-first-day-'));
  readonly #fis: FaultInjection;
  #url = '';

  constructor(options: AwsPlaceOptions) {
    this.name = `AWS, ${options.region}`;
    this.#options = options;
    this.#aws = { region: options.region, credentials: options.credentials };
    this.#fis = new FaultInjection(this.#aws, this.#aws);
    const budget = { usdPerDay: options.usdMax };
    const pools = [{ name: options.pool, limits: poolLimits, budget, idleAfterSeconds: 60, maxNodeVcpu: 4 }];
    writeFileSync(this.#poolsFile, JSON.stringify(pools));
  }

  get #poolsFile(): string {
    return join(this.#folder, 'pools.json');
  }

  async before(): Promise<string | null> {
    const status = await this.#stackStatus();
    return status === null ? null : `the stack ${stack} is there (${status})`;
  }

  preflight = (): Promise<string> => this.#bellows(['preflight', '--pools', this.#poolsFile]);
  doctor = (): Promise<string> => this.#bellows(['doctor', '--stack', stack]);

  async deploy(): Promise<ApiClient> {
    const outputs = join(this.#folder, 'outputs.json');
    await this.#cdk(['deploy', '--require-approval', 'never', '--outputs-file', outputs]);
    const said = z
      .record(z.string(), z.record(z.string(), z.string()))
      .parse(JSON.parse(readFileSync(outputs, 'utf8')));
    const url = Object.entries(said[stack] ?? {}).find(([name]) => /Url/.test(name))?.[1];
    if (url === undefined) throw new Error(`the stack ${stack} has no output with the address of its API`);
    this.#url = url;
    const { region, credentials } = this.#options;
    const client = new ApiClient(url, patienceMs, async (call) =>
      signHeaders(call, region, await credentials(), Date.now()),
    );
    return client;
  }

  async interrupt(instanceId: string): Promise<string> {
    const sts = new STSClient(keepingConnections(this.#aws));
    try {
      const { Account: account = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      const partition = arn.split(':')[1] ?? 'aws';
      return await this.#fis.interrupt(
        `arn:${partition}:ec2:${this.#options.region}:${account}:instance/${instanceId}`,
      );
    } finally {
      sts.destroy();
    }
  }

  async remove(): Promise<void> {
    if ((await this.#stackStatus()) !== null) await this.#cdk(['destroy', '--force']);
    try {
      await this.#fis.removeRole();
    } catch (error) {
      // Who may not remove it could not make it either.
      if (!(error instanceof Error && /^AccessDenied/.test(error.name))) throw error;
      this.#options.say(`the role ${fisRole} could not be looked for: ${error.message}`);
    }
  }

  async left(): Promise<readonly string[]> {
    const ec2 = createEc2Client(this.#aws);
    try {
      const cloud = createEc2Cloud({ client: ec2, budget: unlimitedBudget, fleets: null, places: null });
      const { instances, volumes, groups } = await cloud.list({ installation, things: 'all' });
      const status = await this.#stackStatus();
      return [
        ...instances.filter((one) => one.state !== 'terminated').map((one) => `instance ${one.id}`),
        ...volumes.map((one) => `volume ${one.id}`),
        ...groups.map((one) => `security group ${one.id}`),
        ...(status === null ? [] : [`the stack ${stack} (${status})`]),
      ];
    } finally {
      ec2.destroy();
      this.#fis.close();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      AWS_REGION: this.#options.region,
      ...(this.#url === '' ? {} : { BELLOWS_URL: this.#url }),
    };
  }

  async #cdk(args: readonly string[]): Promise<void> {
    const context = ['-c', `installation=${installation}`, '-c', `pools=${this.#poolsFile}`];
    await this.#run([join(root, 'node_modules/aws-cdk/bin/cdk'), ...args, ...context], 'cdk');
  }

  #bellows(args: readonly string[]): Promise<string> {
    return this.#run(['scripts/enter.mjs', 'cli/main.ts', ...args], './bellows');
  }

  /** Answers the last lines. @throws Error with them */
  async #run(args: readonly string[], what: string): Promise<string> {
    const child = spawn(process.execPath, args, { cwd: root, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        for (const line of chunk
          .toString()
          .split('\n')
          .filter((one) => one.trim() !== '')) {
          this.#options.say(`  ${line}`);
          lines.push(line.trim());
          if (lines.length > 40) lines.shift();
        }
      });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`${what} ended with ${String(code)}: ${lines.join(' | ')}`);
    return lines.at(-1) ?? '';
  }

  /** null: there is none. */
  async #stackStatus(): Promise<string | null> {
    const client = new CloudFormationClient(keepingConnections(this.#aws));
    try {
      const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
      return found?.StackStatus === 'DELETE_COMPLETE' ? null : (found?.StackStatus ?? null);
    } catch (error) {
      if (error instanceof Error && error.message.includes('does not exist')) return null;
      throw error;
    } finally {
      client.destroy();
    }
  }
}

/** For whoever reads that something is left. */
export const cleaning = `npm run first-day -- --clean removes the stack ${stack} and the role ${fisRole}`;
