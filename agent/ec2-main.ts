// The node agent on an EC2 instance. It is configured by the instance's metadata and tags. Its calls are signed with
// the node's role, whose session is named after the instance: a node speaks only for itself.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { availableParallelism, networkInterfaces, totalmem } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { signHeaders } from '../lib/adapters/aws/execute-api-signing.ts';
import type { SignedService } from '../lib/adapters/aws/execute-api-signing.ts';
import { findProgram } from '../lib/adapters/system/find-program.ts';
import { instanceType } from '../lib/core/catalog/index.ts';
import { LaunchError } from './errors.ts';
import { execute, wordsOf } from './tasks/execute.ts';
import { GpuKeeper } from './tasks/given/gpus.ts';
import { ImageKeeper } from './tasks/given/images.ts';
import { ContainerLauncher } from './tasks/containers.ts';
import { BellowsError } from '../lib/core/values/errors.ts';
import { removeTree } from '../lib/adapters/system/remove-tree.ts';
import { PlainLauncher } from './tasks/launcher.ts';
import { agentPort } from '../lib/core/services/serving.ts';
import { bootOf } from './start/boot-times.ts';
import { Metadata } from './metadata.ts';
import { DeviceMounter } from './tasks/given/mounts.ts';
import { AgentShell, askTimeoutMs, attemptsDirOf } from './shell.ts';
import { HttpTransport } from './transport.ts';
import type { SignCall } from './transport.ts';
import { UnitLauncher } from './tasks/units.ts';

const noticeEveryMs = 5_000;
/** The controller knows the pool's own limit; this is the largest that a pool may have. */
const tasksMax = 1_000;
/** The most that any instance has: how many this one has is not looked up here. */
const gpusMax = 16;
const secretsDir = '/run/bellows/secrets';
/**
 * Containers ask for credentials of their roles where those of EKS Pod Identity do: every SDK of AWS takes that address
 * without TLS, at any port: not at 80, which services publish on all addresses. It is the node's own, so the kernel
 * hands what comes for it to the agent and forwards nothing.
 */
const roleContainers = {
  address: '169.254.170.23',
  port: agentPort,
  open: async (): Promise<void> => {
    const ip = { program: 'ip', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };
    const made = await execute(ip, ['address', 'replace', '169.254.170.23/32', 'dev', 'lo'], { timeoutMs: 10_000 });
    if (made.code !== 0) throw new LaunchError(`ip address replace 169.254.170.23/32: ${wordsOf(made)}`);
  },
};
const installScript = fileURLToPath(new URL('install-containers.sh', import.meta.url));
const taskPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const environment = z.object({
  BELLOWS_AGENT_URL: z.url({ protocol: /^https?$/ }),
  AWS_REGION: z.string().min(1),
  /** Who runs the tasks; absent: the agent's own user, without limits (for a node that is no machine of its own). */
  BELLOWS_TASK_USER: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/)
    .optional(),
  /** `network` of the construct. */
  BELLOWS_NODE_NETWORK: z.string().optional(),
  /** What the node's user data wrote down of its own steps. */
  BELLOWS_BOOT_TIMES: z.string().min(1).optional(),
  BELLOWS_STATE_DIR: z.string().min(1).default('/var/lib/bellows-agent'),
  AWS_EC2_METADATA_SERVICE_ENDPOINT: z.url().default('http://169.254.169.254'),
});

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}

async function run(): Promise<void> {
  const env = environment.parse(process.env);
  const metadata = new Metadata({ endpoint: env.AWS_EC2_METADATA_SERVICE_ENDPOINT, nowMs: Date.now });
  const [nodeId, typeName, pool] = await Promise.all([
    metadata.text('instance-id'),
    metadata.text('instance-type'),
    metadata.text('tags/instance/bellows:pool'),
  ]);
  // A type that is younger than this agent: the controller knows what tasks may use of it, and its
  // hardware is the bound here.
  const allocatable = instanceType(typeName)?.allocatable ?? {
    cpuMilli: availableParallelism() * 1_000,
    memoryMib: Math.floor(totalmem() / 2 ** 20),
    gpu: gpusMax,
  };
  mkdirSync(env.BELLOWS_STATE_DIR, { recursive: true });
  const transport = new HttpTransport(() => env.BELLOWS_AGENT_URL, {}, signerOf('execute-api', env, metadata), {
    sign: signerOf('sqs', env, metadata),
    ...(env.BELLOWS_NODE_NETWORK === 'ipv6' ? { host: dualStackHost(env.AWS_REGION) } : {}),
  });
  const images = new ImageKeeper({
    stateDir: env.BELLOWS_STATE_DIR,
    root: secretsDir,
    ask: (attemptId) => transport.imageLogin(attemptId, askTimeoutMs),
    isGuarded: true,
    nowMs: Date.now,
  });
  const launcher = createLauncher(env, nodeId, images);
  const shell = new AgentShell({
    nodeId,
    pool,
    allocatable,
    tasksMax,
    transport,
    log,
    removeTree,
    stateDir: env.BELLOWS_STATE_DIR,
    secretsDir,
    ...addressOfNode(env.BELLOWS_NODE_NETWORK === 'ipv6'),
    boot: bootOf(env.BELLOWS_BOOT_TIMES),
    rolePort: agentPort,
    roleContainers: env.BELLOWS_TASK_USER === undefined ? null : roleContainers,
    launcher,
    gpus: new GpuKeeper({
      attemptsDir: attemptsDirOf(env.BELLOWS_STATE_DIR),
      program: () => findProgram(['nvidia-smi'], taskPath),
      isExclusive: env.BELLOWS_TASK_USER !== undefined,
      makeUvm: { device: '/dev/nvidia-uvm', argv: ['nvidia-modprobe', '-c', '0', '-u'] },
    }),
    mounter: new DeviceMounter({ dir: join(env.BELLOWS_STATE_DIR, 'mounts'), log }),
  });
  const watch = watchInterruptions(metadata, shell);
  process.on('SIGTERM', () => {
    shell.shutDown('the node is being shut down');
  });
  process.on('SIGHUP', () => process.exit(0));
  log(`agent of ${nodeId} (${typeName}, pool ${pool}) runs`);
  log(`agent ends: ${await shell.exited}`);
  clearInterval(watch);
  process.exit(0);
}

/** The first that others reach: an instance has one network interface. */
function addressOfNode(isIpv6: boolean): { readonly address?: string } {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const isReached = (one: NetworkInterfaceInfo): boolean =>
    !one.internal && one.family === (isIpv6 ? 'IPv6' : 'IPv4') && !one.address.startsWith('fe80');
  const address = all.find(isReached)?.address;
  return address === undefined ? {} : { address };
}

function signerOf(service: SignedService, env: z.infer<typeof environment>, metadata: Metadata): SignCall {
  return async ({ method, url, headers, body }) =>
    signHeaders({ method, url, headers, body }, env.AWS_REGION, await metadata.credentials(), Date.now(), service);
}

/** Of SQS, with IPv6 addresses: the queue's own URL names a host without. */
function dualStackHost(region: string): string {
  return region.startsWith('cn-') ? `sqs.${region}.api.amazonwebservices.com.cn` : `sqs.${region}.api.aws`;
}

function createLauncher(env: z.infer<typeof environment>, nodeId: string, images: ImageKeeper): ContainerLauncher {
  const processes =
    env.BELLOWS_TASK_USER === undefined
      ? new PlainLauncher(taskPath)
      : new UnitLauncher({ user: userNamed(env.BELLOWS_TASK_USER), taskPath });
  const isIpv6 = env.BELLOWS_NODE_NETWORK === 'ipv6';
  return new ContainerLauncher({
    images,
    nodeId,
    stateDir: env.BELLOWS_STATE_DIR,
    log,
    processes,
    client: () => {
      const program = findProgram(['docker', 'podman'], taskPath);
      return program === null ? null : { program, env: { PATH: taskPath, HOME: '/root' } };
    },
    ...(env.BELLOWS_TASK_USER === undefined
      ? {}
      : { install: ['/bin/sh', installScript, ...(isIpv6 ? ['ipv6'] : [])] }),
    // Containers do not see each other. Without an IPv4 way out they need IPv6 addresses, of which the
    // bridge makes the node's.
    networkOptions: [
      '--opt=com.docker.network.bridge.enable_icc=false',
      ...(isIpv6 ? ['--ipv6', '--subnet=fd00:be11::/64'] : []),
    ],
  });
}

function watchInterruptions(metadata: Metadata, shell: AgentShell): NodeJS.Timeout {
  return setInterval(() => {
    metadata.interruptionAtMs().then(
      (atMs) => {
        if (atMs !== null) shell.interrupted(atMs);
      },
      (error: unknown) => {
        log(`the notice of an interruption cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
  }, noticeEveryMs);
}

function userNamed(name: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }).trim());
  return { uid: id('-u'), gid: id('-g') };
}

// Whatever ends the agent, the log says why: a defect with its trace, a full disk in a sentence.
process.on('uncaughtException', (error) => {
  log(`the agent ends: ${error instanceof BellowsError ? error.message : (error.stack ?? String(error))}`);
  process.exit(1);
});

await run();
