// Size and load time of each function's bundle: `npm run bench:lambdas`. Loading is timed in fresh processes with the
// environment of a function, from the import to a handler that could serve.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from '../bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loads = 5;

const template = { id: 'lt-0123456789abcdef0', version: 1 };
/** What deployments give the functions. */
export const exampleEnvironment: Readonly<Record<string, string>> = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  BELLOWS_INSTALLATION: 'bench',
  BELLOWS_TABLE: 't',
  BELLOWS_EVENT_BUS: 'b',
  BELLOWS_OUTPUTS_BUCKET: 'o',
  BELLOWS_TENANTS: '{}',
  BELLOWS_NODE_ROLE_ID: 'AROAEXAMPLEEXAMPLE12',
  BELLOWS_NODE_ROLE_ARN: 'arn:aws:iam::000000000001:role/nodes',
  BELLOWS_LAUNCH_TEMPLATES: JSON.stringify({
    x86_64: template,
    arm64: template,
    burstable: { x86_64: template, arm64: template },
    gpu: { x86_64: template, arm64: template },
  }),
  BELLOWS_MACHINES: JSON.stringify({
    vpcId: 'vpc-1',
    plainGroupId: 'sg-1',
    nodeGroupId: 'sg-1',
    addresses: 'public-ipv4',
    images: { amd64: 'ami-1', arm64: 'ami-2' },
    instanceProfiles: [],
  }),
  BELLOWS_SUBNETS: JSON.stringify([{ zone: 'us-east-1a', subnetId: 'subnet-1' }]),
  BELLOWS_ROOT_VOLUME_GIB: '20',
};

if (import.meta.main) await main();

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-bench-'));
  try {
    for (const name of ['api', 'agent', 'scheduler', 'events', 'installation']) {
      const entry = join(root, 'lambdas', name, 'index.ts');
      if (!existsSync(entry)) continue;
      const file = join(folder, `${name}.mjs`);
      await bundle(entry, file);
      const kb = statSync(file).size / 1000;
      process.stdout.write(
        `${name.padEnd(12)} ${kb.toFixed(0).padStart(5)} KB; `
          + `${(gzipSync(readFileSync(file)).length / 1000).toFixed(0)} KB zipped; loads in `
          + `${loadMs(file).toFixed(0)} ms (median of ${String(loads)})\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function loadMs(file: string): number {
  const code =
    'const t = performance.now(); const { handler } = await '
    + `import(${JSON.stringify(pathToFileURL(file).href)}); if (typeof handler !== "function") throw new `
    + `Error("no handler"); console.log(performance.now() - t);`;
  const times = Array.from({ length: loads }, () => {
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      env: exampleEnvironment,
    });
    if (done.status !== 0) throw new Error(`${file} does not load:\n${done.stderr}`);
    return Number(done.stdout.trim());
  });
  return times.sort((a, b) => a - b)[Math.floor(loads / 2)] ?? 0;
}
