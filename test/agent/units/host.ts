// What `host.test.ts` runs under `unshare --net`: an agent with real units, and tasks that try to get out
// of them. Prints what became of them as JSON. Usage: host.ts FOLDER
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { AgentShell } from '../../../agent/shell.ts';
import { HttpTransport } from '../../../agent/transport.ts';
import { UnitLauncher } from '../../../agent/tasks/units.ts';
import { Controller, attempt, noGpus } from '../controller.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';

const metadata = '169.254.169.254';
const [, , folder = ''] = process.argv;
const nobody = 65_534;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('ip', ['address', 'add', `${metadata}/32`, 'dev', 'lo']);
createServer((socket) => socket.on('error', () => undefined).end('secret')).listen(80, metadata);

const controller = new Controller();
const serverUrl = await controller.listen();
const reach = (host: string, port: string): string =>
  `timeout 2 bash -c 'exec 3<>/dev/tcp/${host}/${port}' 2>/dev/null && echo ${host} reached || echo ${host} denied`;
const resources = { cpuMilli: 250, memoryMib: 64, gpu: 0 };
controller.assigned = [
  attempt(
    'self',
    'id -u; grep -E "^(NoNewPrivs|CapBnd):" /proc/self/status; touch ../x 2>/dev/null || echo "not its folder"; '
      + 'kill -9 $PPID 2>/dev/null || echo "not its wrapper"',
    { resources },
  ),
  attempt('net', `${reach(metadata, '80')}; ${reach('127.0.0.1', new URL(serverUrl).port)}`, { resources }),
  attempt('leaves', 'setsid sleep 4711 & sleep 0.2', { resources }),
  attempt('stubborn', 'trap "" TERM; setsid sh -c "trap \\"\\" TERM; sleep 4712" & while :; do sleep 0.05; done', {
    resources,
    timeoutMs: 500,
  }),
  attempt('greedy', 'head -c 200000000 /dev/zero | tail > /dev/null', { resources }),
];
const shell = new AgentShell({
  nodeId: 'i-1',
  pool: 'default',
  allocatable: { cpuMilli: 4_000, memoryMib: 4_000, gpu: 0 },
  tasksMax: 8,
  stateDir: folder,
  launcher: new UnitLauncher({ user: { uid: nobody, gid: nobody }, taskPath: '/usr/bin:/bin' }),
  gpus: noGpus,
  mounter: null,
  rolePort: 0,
  roleContainers: null,
  secretsDir: null,
  transport: new HttpTransport(() => serverUrl, {}),
  log: () => undefined,
  removeTree,
});
const agent = await new Promise((resolve) => {
  const socket = connect(80, metadata, () => {
    resolve('reached');
    socket.destroy();
  }).on('error', () => {
    resolve('denied');
  });
});
const ends: Record<string, unknown> = {};
for (const id of ['self', 'net', 'leaves', 'stubborn', 'greedy']) {
  const { outcome, exitCode, message } = await controller.endOf(`${id}.0.1`);
  ends[id] = { outcome, exitCode, message, said: controller.outputs.get(`${id}.0.1`)?.stdout.trim().split('\n') };
}
const isRunning = (argument: string): boolean =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').includes(`sleep ${argument}`);
for (let tries = 0; tries < 50 && (isRunning('4711') || isRunning('4712')); tries += 1)
  await new Promise((wake) => setTimeout(wake, 50));
process.stdout.write(
  JSON.stringify({
    agent,
    ends,
    left: ['4711', '4712'].filter(isRunning),
    hasScope: existsSync('/sys/fs/cgroup/bellows.slice/bellows-stubborn.0.1.scope'),
  }),
);
shell.shutDown('done');
await shell.exited;
process.exit(0);
