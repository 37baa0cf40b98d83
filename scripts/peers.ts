// What `npm run test:peers` runs: Bellows against tools and suites that others wrote. Each is installed into
// node_modules/.cache the first time. With --record the dated results go to docs/peers.md, where those that did not run
// keep their line; other arguments are Jest's.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** What each peer is, and what the machine must have for it. */
const peers: Readonly<Record<string, { readonly tool: string; readonly needs: string; readonly checks: string }>> = {
  'dynamodb-local': {
    tool: "Amazon's DynamoDB Local 2.6.1 (Maven Central)",
    needs: 'Java 17, mvn',
    checks: "the store's contract",
  },
  localstack: {
    tool: "LocalStack's last free release 4.14.0 (PyPI)",
    needs: 'Python 3.13, on PATH or of pyenv',
    checks: "outputs, files, bus, bells, Secrets Manager, SSM; the template's parts that it knows, and their alarms",
  },
  kubernetes: {
    tool: "Kubernetes's kube-apiserver 1.34.4 (its Go module) on etcd (Debian's package)",
    needs: "go of 1.24 or later, Debian's apt-get, openssl 3; a quarter of an hour of a core to compile it once",
    checks: '`k8s:` secrets: the suite of all places, RBAC, tokens of accounts, its authority; the embedded server',
  },
  'instance-types': {
    tool: "moto 5.2.5's copy of DescribeInstanceTypes (PyPI)",
    needs: 'python3',
    checks: 'the EC2 simulator, member by member',
  },
  report: {
    tool: 'Chromium, driven by playwright-core 1.65.1 (npm)',
    needs: '/usr/bin/chromium',
    checks: "a back-test's report: desktop and phone, light and dark",
  },
  dashboard: {
    tool: 'Chromium, driven by playwright-core 1.65.1, and axe-core 4.14.1 (npm)',
    needs: '/usr/bin/chromium',
    checks: "the dashboard while the shop's day is played: desktop and phone, light and dark, and its actions",
  },
  metrics: {
    tool: "Prometheus (Debian's package) and prometheus_client 0.22.1's OpenMetrics reader (PyPI)",
    needs: "Debian's apt-get, python3",
    checks: '/metrics of the embedded server, scraped',
  },
  botocore: {
    tool: 'botocore 1.44.8 (PyPI)',
    needs: 'python3',
    checks: "the EC2 adapter's requests and the EC2 simulator's answers, against AWS's model",
  },
  'aws-cli': {
    tool: 'AWS CLI 1.46.3 (PyPI)',
    needs: 'python3',
    checks: 'the EC2 simulator: waiters, pages, errors, STS and SSM',
  },
  'go-sdk': {
    tool: "AWS's SDK for Go v2, service/ec2 1.346.0",
    needs: 'go',
    checks: 'the EC2 simulator: pages, waiters, tokens, repeats under faults',
  },
  custodian: {
    tool: 'Cloud Custodian 0.9.53; moto 5.2.5 for other services (PyPI)',
    needs: 'python3',
    checks: 'the EC2 simulator: 26 policies, twice',
  },
  ansible: {
    tool: "Ansible 12.3.0's amazon.aws (PyPI)",
    needs: 'python3 of 3.11 or later',
    checks: 'the EC2 simulator: a playbook that makes and one that takes away, twice each',
  },
  'moto-verified': {
    tool: "moto 5.2.5's tests that its authors ran against AWS (PyPI, source)",
    needs: 'python3',
    checks: 'the EC2 simulator; fails where one fails for another reason than what is not modelled',
  },
  starts: {
    tool: "AWS's SDKs for JavaScript, Python (boto3 1.44.8) and Go (v2), Jest, pytest 9.2.0 and mypy 2.4.1",
    needs: 'python3, go',
    checks: "the starts of the EC2 simulator's README, as they are written, on its package",
  },
  schemathesis: {
    tool: 'schemathesis 4.32.5 (PyPI)',
    needs: 'python3',
    checks: 'the embedded server, by calls made of its OpenAPI document',
  },
  'python-client': {
    tool: 'mypy 2.4.1, setuptools 84.2.1 and botocore 1.44.8 (PyPI)',
    needs: 'python3 of 3.11 or later',
    checks: 'the Python client: its wheel, its types, its calls of the embedded server',
  },
  checkov: { tool: 'checkov 3.3.30 (PyPI)', needs: 'python3', checks: 'the template of each network' },
  'cfn-lint': { tool: 'cfn-lint 1.58.0 (PyPI)', needs: 'python3', checks: 'the template of each network' },
};

interface JestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const args = process.argv.slice(2);
const isRecording = args.includes('--record');
const folder = mkdtempSync(join(tmpdir(), 'bellows-peers-'));
const results = join(folder, 'results.json');
const chosen = ['--testMatch', '<rootDir>/test/peers/**/*.peer.ts', '--testTimeout', '120000', '--maxWorkers', '1'];
const jest = ['node_modules/jest/bin/jest.js', ...chosen, '--json', '--outputFile', results];
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const child = spawn(process.execPath, [...flags, ...jest, ...args.filter((one) => one !== '--record')], {
  // Jest prints its JSON here as well; the reporter's lines are enough.
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, TMPDIR: folder },
});
const code = await new Promise<number>((resolve) =>
  child.on('close', (status) => {
    resolve(status ?? 1);
  }),
);
if (isRecording) record(JSON.parse(readFileSync(results, 'utf8')) as JestResults);
rmSync(folder, { recursive: true, force: true });
process.exitCode = code;

function record({ testResults }: JestResults): void {
  const day = new Date().toISOString().slice(0, 10);
  const ran = testResults.map(({ name, assertionResults }): readonly [string, string] => {
    const id = basename(name, '.peer.ts');
    const peer = peers[id];
    if (!peer)
      throw new Error(`${name} has no entry in the table of scripts/peers.ts; add what it is and what it needs`);
    const passed = assertionResults.filter((one) => one.status === 'passed').length;
    return [
      id,
      `| \`${id}\` | ${peer.tool} | ${peer.needs} | ${peer.checks} | ${String(passed)} of `
        + `${String(assertionResults.length)} | ${day} |`,
    ];
  });
  const rows = [...new Map([...recorded(), ...ran]).values()].sort();
  writeFileSync(
    'docs/peers.md',
    `# Checked by tools that others wrote

\`npm run test:peers\` runs these; \`npm run test:peers -- --record\` writes this page. They are not part of
\`npm test\`: each needs something that a plain machine may lack. A tool that cannot be had fails, it is never skipped.

| peer | tool | the machine needs | what is checked | passed | on |
|---|---|---|---|---|---|
${rows.join('\n')}

A real Vault was not asked: the Go module of 1.21.4 did not compile with the published sdk 0.21.0, and a newer one was
not tried. \`vault:\` secrets are tested against a stand-in ([secrets.md](secrets.md)).
`,
  );
}

/** The lines of the page as it is, by peer; of peers that are gone they go. */
function recorded(): readonly (readonly [string, string])[] {
  if (!existsSync('docs/peers.md')) return [];
  return readFileSync('docs/peers.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, id] = /^\| `([^`]+)` \|/.exec(line) ?? [];
      return id === undefined || !Object.hasOwn(peers, id) ? [] : [[id, line] as const];
    });
}
