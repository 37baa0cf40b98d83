// A local AWS with a deployed Bellows: MiniStack for everything but EC2, the EC2 simulator for EC2, the stack's own
// template, and a real agent for each simulated instance, which calls with the credentials of its node's role.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  CreateLaunchTemplateCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import { createEc2Client } from '../../adapters/aws/ec2/calls.ts';
import { LocalAgents } from '../../adapters/local/agents.ts';
import { assertPortFree } from '../../adapters/local/ports.ts';
import { removeTree } from '../../adapters/system/remove-tree.ts';
import { Ec2Simulator } from '../../adapters/simulated/ec2/http/server.ts';
import type { WorldOptions } from '../../adapters/simulated/ec2/world.ts';
import type { World } from '../../adapters/simulated/ec2/world.ts';
import { BellowsError } from '../../core/values/errors.ts';
import type { BellowsProps } from '../../infra/index.ts';
import type { Log } from '../../ports/log.ts';
import { agentInstances } from '../server/cloud-pump.ts';
import { LocalAws, LocalAwsError, credentialHeader, tag } from './aws.ts';
import { Gateway, portCure } from './gateway.ts';
import { fitTemplate, synthesizeStack, zipped } from './template.ts';
import type { FileAsset, SimulatedEc2Ids } from './template.ts';
import { startMinistack } from './ministack.ts';
import type { Ministack } from './ministack.ts';

export const region = 'us-east-1';
const stackName = 'Bellows';
const deployMsMax = 120_000;
const agentsEveryMs = 200;

export interface LocalCloudOptions {
  readonly props: BellowsProps;
  /** 0: any free one. */
  readonly port: number;
  /** 12 digits. */
  readonly accountId: string;
  readonly log: Log;
  /** A local AWS that runs already. What is deployed there is removed again. */
  readonly endpoint?: string;
  /**
   * What its functions call this machine, where they run in containers: the simulated EC2 then
   * listens on all addresses.
   */
  readonly host?: string;
  /** Of the simulated EC2, where it shall differ from a quick one. */
  readonly world?: Partial<WorldOptions>;
  /** For people who wait. */
  readonly say?: (line: string) => void;
  readonly tasksMax?: number;
}

/** MiniStack is not available here; the message says why. */
export class NoLocalCloudError extends BellowsError {
  constructor(reason: string) {
    super('no_local_cloud', `${reason}; the local cloud needs it (npm start needs neither)`);
  }
}

export class DeploymentError extends BellowsError {
  constructor(status: string, reasons: string) {
    super('deployment_failed', `the stack ended as ${status}: ${reasons}`);
  }
}

/** A run that was killed left its stack, and with it functions that call an EC2 simulator that is gone. */
export class StackLeftError extends BellowsError {
  constructor(endpoint: string) {
    super(
      'stack_left',
      `a stack ${stackName} of an earlier run is still at ${endpoint}; restart that local cloud, or for `
        + `MiniStack: curl -X POST ${new URL('/_ministack/reset', endpoint).href}, for LocalStack: curl -X POST `
        + new URL('/_localstack/state/reset', endpoint).href,
    );
  }
}

/** A LocalStack that lacks HTTP APIs would deploy for minutes before it says so. @throws NoLocalCloudError */
async function assertHasApis(endpoint: string): Promise<void> {
  const at = async (path: string): Promise<LocalStackHealth | null> => {
    const answer = await fetch(new URL(path, endpoint), { signal: AbortSignal.timeout(10_000) }).catch(
      // Whatever does not answer is said by the first call of the deployment.
      () => null,
    );
    return answer?.ok === true ? ((await answer.json()) as LocalStackHealth) : null;
  };
  // MiniStack answers LocalStack's path, too, with services of its own.
  if ((await at('/_ministack/health')) !== null) return;
  const health = await at('/_localstack/health');
  if (health?.services === undefined || 'apigatewayv2' in health.services) return;
  throw new NoLocalCloudError(
    `LocalStack ${health.version ?? ''} at ${endpoint} has no HTTP APIs (API Gateway v2): they need a licence there`,
  );
}

interface LocalStackHealth {
  readonly version?: string;
  readonly services?: object;
}

/** What cannot be deleted (an immutable file of a task) is said; what failed before it is what is thrown. */
async function discard(folder: string, say: LocalCloudOptions['say']): Promise<void> {
  try {
    await removeTree(folder);
  } catch (error) {
    say?.(error instanceof Error ? error.message : String(error));
  }
}

/** Another code of a function, which does the same. */
function markRevision({ path, isFolder }: FileAsset, revision: string): void {
  const program = join(path, 'index.mjs');
  if (isFolder && existsSync(program)) appendFileSync(program, `\n// revision ${revision}\n`);
}

interface Parts {
  readonly aws: LocalAws;
  readonly simulator: Ec2Simulator;
  readonly world: World;
  readonly gateway: Gateway;
  readonly ministack: Ministack | null;
  readonly endpoint: string;
  readonly folder: string;
}

export class LocalCloud {
  readonly aws: LocalAws;
  readonly simulator: Ec2Simulator;
  readonly world: World;
  readonly endpoint: string;
  /** Speaks HTTP like the API of `npm start`. */
  readonly url: string;
  /** Logical id to physical id, once deployed. */
  resources: ReadonlyMap<string, string> = new Map();
  readonly #options: LocalCloudOptions;
  readonly #parts: Parts;
  readonly #agents: LocalAgents;
  /** Access key ids of the sessions of instances. */
  readonly #credentials = new Map<string, string>();
  #nodeRoleArn = '';
  #ec2Ids: Omit<SimulatedEc2Ids, 'endpoint'> | null = null;
  #isStopped = false;
  #pumping: Promise<void> = Promise.resolve();

  private constructor(options: LocalCloudOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.aws = parts.aws;
    this.simulator = parts.simulator;
    this.world = parts.world;
    this.endpoint = parts.endpoint;
    this.url = parts.gateway.url;
    this.#agents = new LocalAgents({
      removeTree,
      dir: join(parts.folder, 'agents'),
      serverUrl: parts.gateway.url,
      log: options.log,
      nowMs: () => performance.now(),
      program: fileURLToPath(new URL('../../../agent/main.ts', import.meta.url)),
      tasksMax: options.tasksMax ?? 32,
      killGraceMs: 4_000,
      taskPath: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      volumesDir: join(parts.folder, 'volumes'),
      headersOf: (id) => ({ authorization: this.#credentialOf(id, 'execute-api') }),
      queueHeadersOf: (id) => ({ authorization: this.#credentialOf(id, 'sqs') }),
      onDeath: (id) => {
        parts.world.cloud.crashInstance(id, 'the agent process died');
      },
    });
  }

  /** Starts everything and deploys. @throws NoLocalCloudError, DeploymentError, PortBusyError */
  static async start(options: LocalCloudOptions): Promise<LocalCloud> {
    // Before minutes go into installing and starting what it needs.
    await assertPortFree(options.port, portCure);
    if (options.endpoint !== undefined) await assertHasApis(options.endpoint);
    const folder = mkdtempSync(join(tmpdir(), 'bellows-localcloud-'));
    const undo: (() => Promise<void> | void)[] = [() => discard(folder, options.say)];
    try {
      const endpoint = options.endpoint ?? null;
      const started =
        endpoint === null
          ? await startMinistack({ LAMBDA_ASYNC_RETRY_BASE_SECONDS: '1', LAMBDA_ACCOUNT_CONCURRENCY: '100' })
          : null;
      if (started !== null && 'reason' in started) throw new NoLocalCloudError(started.reason);
      const ministack = started?.ministack ?? null;
      if (ministack !== null) undo.push(() => ministack.stop());
      const url = endpoint ?? ministack?.endpoint ?? '';
      const gateway = await Gateway.start({
        port: options.port,
        endpoint: url,
        region,
        accessKeyId: options.accountId,
      });
      undo.push(() => gateway.close());
      const simulator = await Ec2Simulator.start({
        ...(options.host === undefined ? {} : { host: '0.0.0.0' }),
        eventsEndpoint: gateway.eventsUrl,
        throttling: 'gentle',
        options: { ...options.world, cloud: { describeLagMs: { minMs: 0, maxMs: 200 }, ...options.world?.cloud } },
      });
      undo.push(() => simulator.close());
      mkdirSync(join(folder, 'agents'));
      const cloud = new LocalCloud(options, {
        folder,
        simulator,
        gateway,
        ministack,
        endpoint: url,
        world: simulator.worlds.world(options.accountId, region),
        aws: new LocalAws({ endpoint: url, accountId: options.accountId, region }),
      });
      undo.push(() => cloud.#stopAgents());
      if ((await cloud.#status()) !== null) throw new StackLeftError(url);
      // Our own forgets everything when it ends; another one keeps what is half deployed.
      if (endpoint !== null)
        undo.push(async () => {
          try {
            await cloud.remove();
          } catch (error) {
            // What failed first is what is thrown.
            options.say?.(
              `what was deployed at ${url} could not be removed: `
                + `${error instanceof Error ? error.message : String(error)}`,
            );
          }
        });
      await cloud.#deploy();
      cloud.#pump();
      return cloud;
    } catch (error) {
      for (const one of undo.reverse()) await one();
      throw error;
    }
  }

  /**
   * Deploys it again, as `cdk deploy` does over a stack that is there. `revision`: of the functions' code, which is
   * otherwise the same; null: as it was at first. @throws DeploymentError
   */
  async update(props: BellowsProps, revision: string | null): Promise<void> {
    await this.#cloudformation('UpdateStack', await this.#stackOf(props, revision));
    await this.#settled('UPDATE_COMPLETE');
  }

  /** Deletes the stack as CloudFormation does, drain step included. @throws DeploymentError */
  async remove(): Promise<void> {
    await this.#cloudformation('DeleteStack', { StackName: stackName });
    for (const untilMs = performance.now() + deployMsMax; ;) {
      const status = await this.#status();
      if (status === null) return;
      if (status === 'DELETE_FAILED' || performance.now() > untilMs)
        throw new DeploymentError(status, `${await this.#reasons()}\n${this.log()}`);
      await delay(200);
    }
  }

  async stop(): Promise<void> {
    const { gateway, simulator, ministack, folder } = this.#parts;
    await this.#stopAgents();
    await gateway.close();
    await simulator.close();
    await ministack?.stop();
    await discard(folder, this.#options.say);
  }

  /** Does now what the schedule does every minute: wakes pools that are due. */
  async minute(): Promise<void> {
    await this.aws.invokeLater(this.physicalId(/^BellowsFunctionschedulerFunction[0-9A-F]+$/), {
      'detail-type': 'Scheduled Event',
    });
  }

  /** The last lines that MiniStack and its functions said. */
  log(): string {
    return this.#parts.ministack?.log() ?? '';
  }

  physicalId(pattern: RegExp): string {
    const found = [...this.resources].filter(([id]) => pattern.test(id));
    const [[, physical] = ['', '']] = found;
    if (found.length !== 1)
      throw new BellowsError(
        'no_such_resource',
        `${String(pattern)} names ${String(found.length)} resources of the stack: `
          + `${[...this.resources.keys()].join(', ')}`,
      );
    return physical;
  }

  async #deploy(): Promise<void> {
    await this.#cloudformation('CreateStack', await this.#stackOf(this.#options.props, null));
    await this.#settled('CREATE_COMPLETE');
    const listed = await this.#cloudformation('DescribeStackResources', { StackName: stackName });
    this.resources = new Map(
      [...listed.matchAll(/<member>(.*?)<\/member>/gs)].map(([, member = '']) => [
        tag(member, 'LogicalResourceId'),
        tag(member, 'PhysicalResourceId'),
      ]),
    );
    this.#nodeRoleArn =
      `arn:aws:iam::${this.#options.accountId}:role/`
      + `${this.physicalId(/^BellowsNodesRole(?!DefaultPolicy)[0-9A-F]+$/)}`;
    this.#parts.gateway.lead({
      applications: this.physicalId(/^BellowsApisApplications[0-9A-F]{8}$/),
      agents: this.physicalId(/^BellowsApisAgents[0-9A-F]{8}$/),
    });
  }

  /** Uploads assets and template; the parameters of the call that makes the stack, or changes it. */
  async #stackOf(props: BellowsProps, revision: string | null): Promise<Readonly<Record<string, string>>> {
    const { accountId, host = '127.0.0.1', say = () => undefined } = this.#options;
    say('synthesizing the stack …');
    const outdir = join(this.#parts.folder, `cdk-${revision ?? 'out'}.out`);
    const { template, assets } = synthesizeStack(props, { accountId, region }, outdir);
    this.#ec2Ids ??= await this.#simulatedEc2();
    const endpoint = `http://${host}:${String(this.simulator.port)}`;
    const fitted = fitTemplate(template, { ...this.#ec2Ids, endpoint });
    say(`deploying ${String(Object.keys(fitted.Resources).length)} resources …`);
    for (const bucket of new Set(assets.map((asset) => asset.bucket))) await this.aws.createBucket(bucket);
    let text = JSON.stringify(fitted);
    for (const asset of assets) {
      const key = revision === null ? asset.key : `${revision}-${asset.key}`;
      text = text.replaceAll(asset.key, key);
      if (revision !== null) markRevision(asset, revision);
      await this.aws.putObject(asset.bucket, key, zipped(asset));
    }
    // In S3: a template that is sent along may have 51,200 bytes at most.
    const [{ bucket } = { bucket: 'bellows-templates' }] = assets;
    await this.aws.putObject(bucket, 'template.json', Buffer.from(text));
    return {
      StackName: stackName,
      TemplateURL: this.aws.objectUrl(bucket, 'template.json'),
      'Capabilities.member.1': 'CAPABILITY_IAM',
      'Capabilities.member.2': 'CAPABILITY_NAMED_IAM',
    };
  }

  async #settled(wanted: 'CREATE_COMPLETE' | 'UPDATE_COMPLETE'): Promise<void> {
    for (const untilMs = performance.now() + deployMsMax; ; await delay(100)) {
      const status = await this.#status();
      if (status === wanted) return;
      if (status === null || /ROLLBACK|FAILED/.test(status) || performance.now() > untilMs)
        throw new DeploymentError(status ?? 'missing', `${await this.#reasons()}\n${this.log()}`);
    }
  }

  async #cloudformation(action: string, parameters: Readonly<Record<string, string>>): Promise<string> {
    return this.aws.query('cloudformation', '2010-05-15', action, parameters);
  }

  /** null: there is no such stack. */
  async #status(): Promise<string | null> {
    try {
      const status = tag(await this.#cloudformation('DescribeStacks', { StackName: stackName }), 'StackStatus');
      return status === 'DELETE_COMPLETE' ? null : status;
    } catch (error) {
      if (error instanceof LocalAwsError && error.message.includes('does not exist')) return null;
      throw error;
    }
  }

  async #reasons(): Promise<string> {
    const events = await this.#cloudformation('DescribeStackEvents', { StackName: stackName });
    return [...events.matchAll(/<member>(.*?)<\/member>/gs)]
      .map(([, member = '']) => member)
      .filter((member) => member.includes('FAILED'))
      .map(
        (member) => `${tag(member, 'LogicalResourceId')}: ${/<ResourceStatusReason>([^<]*)</.exec(member)?.[1] ?? ''}`,
      )
      .join('; ');
  }

  /** What the removed part of the template stands for, made in the simulator. */
  async #simulatedEc2(): Promise<Omit<SimulatedEc2Ids, 'endpoint'>> {
    const client = createEc2Client({
      region,
      endpoint: this.simulator.endpoint,
      credentials: () => ({ accessKeyId: this.#options.accountId, secretAccessKey: 'local' }),
    });
    try {
      const template = async (arch: 'amd64' | 'arm64'): Promise<string> => {
        const image =
          'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-'
          + `${arch === 'arm64' ? 'arm64' : 'x86_64'}`;
        const made = await client.send(
          new CreateLaunchTemplateCommand({
            LaunchTemplateName: `bellows-${arch}`,
            LaunchTemplateData: {
              ImageId: image,
              MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
            },
          }),
        );
        return made.LaunchTemplate?.LaunchTemplateId ?? '';
      };
      const templateIds = { amd64: await template('amd64'), arm64: await template('arm64') };
      const { Subnets: subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
      const sorted = [...subnets].sort((a, b) => ((a.AvailabilityZone ?? '') < (b.AvailabilityZone ?? '') ? -1 : 1));
      const { SecurityGroups: [group] = [] } = await client.send(new DescribeSecurityGroupsCommand({}));
      return {
        templateIds,
        subnetIds: sorted.map((subnet) => subnet.SubnetId ?? ''),
        securityGroupId: group?.GroupId ?? '',
        vpcId: sorted[0]?.VpcId ?? '',
      };
    } finally {
      client.destroy();
    }
  }

  #pump(): void {
    const again = async (): Promise<void> => {
      while (!this.#isStopped) {
        try {
          await this.#giveAgents();
        } catch (error) {
          this.#options.log.write('warn', 'agents could not be started or stopped; the next round tries again', {
            error,
          });
        }
        await delay(agentsEveryMs);
      }
    };
    this.#pumping = again();
  }

  async #giveAgents(): Promise<void> {
    const instances = agentInstances(this.world.cloud);
    for (const { id, state } of instances) {
      if (state !== 'runs' || this.#credentials.has(id)) continue;
      const { accessKeyId } = await this.aws.assumeRole(this.#nodeRoleArn, id);
      this.#credentials.set(id, accessKeyId);
    }
    await this.#agents.reconcile(instances);
  }

  #credentialOf(instanceId: string, service: string): string {
    return credentialHeader(this.#credentials.get(instanceId) ?? '', region, service);
  }

  async #stopAgents(): Promise<void> {
    this.#isStopped = true;
    await this.#pumping;
    await this.#agents.stopAll();
  }
}
