// What a node does before there is an agent: it fetches the runtime and the agent from the installation's bucket and
// starts the agent's unit. Nothing is installed by a package manager: what the script calls is part of Amazon
// Linux 2023's own image (bash, coreutils, shadow-utils, tar, gzip, iproute, systemd, the AWS CLI).
import type { NodeNetwork } from '../props.ts';

export const agentFolder = '/opt/bellows';
export const taskUser = 'bellows-task';
/** In memory: after a reboot there are none. */
const bootTimes = '/run/bellows-boot';

/** What a node has from the bucket. */
export interface Fetched {
  /** `s3://…` of the bundle, a `.tar.gz`. */
  readonly agentUrl: string;
  readonly runtime: { readonly url: string; readonly sha256: string };
}

export interface Boot {
  readonly installation: string;
  /** Of the agents' API. */
  readonly url: string;
  readonly region: string;
  readonly network: NodeNetwork;
  /** null: the node's image has it already. */
  readonly fetched: Fetched | null;
}

export function bootScript(boot: Boot): string {
  const { network, region, fetched } = boot;
  return [
    '#!/bin/bash',
    reached('userDataAtMs'),
    ...(fetched === null
      ? ['set -euo pipefail']
      : [...bakingScript({ ...fetched, network }, region), reached('unpackedAtMs')]),
    ...unitLines(boot),
    'systemctl daemon-reload',
    'systemctl enable --now bellows-agent',
    '',
  ].join('\n');
}

/** For the agent, which tells the controller how the node started (agent/start/boot-times.ts). */
function reached(step: 'userDataAtMs' | 'unpackedAtMs'): string {
  return `echo "${step}=$(date +%s%3N)" >> ${bootTimes}`;
}

/** What a plain node runs at its start, and the build of an image once for all of its nodes. */
export function bakingScript(fetched: Fetched & { readonly network: NodeNetwork }, region: string): readonly string[] {
  return [
    'set -euo pipefail',
    ...(fetched.network === 'ipv6' ? ['export AWS_USE_DUALSTACK_ENDPOINT=true'] : []),
    `export AWS_DEFAULT_REGION=${region}`,
    // The CLI asks for its role's credentials once, for a second, unless told: too little while a network comes up.
    'export AWS_METADATA_SERVICE_NUM_ATTEMPTS=5 AWS_METADATA_SERVICE_TIMEOUT=5',
    ...fetchingLines(fetched),
    ...userLines(),
  ];
}

/**
 * Seconds between tries of a fetch; seven tries in all. The CLI's own ones are over in moments, and a boot that ends is
 * a node that is paid for until the controller gives it up.
 */
const fetchPauses = [2, 5, 10, 20, 30, 30] as const;

/** Both at once; the runtime is the larger one. Only its executable is unpacked, and reading ends there. */
function fetchingLines({ agentUrl, runtime }: Fetched): readonly string[] {
  return [
    `install -d -m 0755 ${agentFolder}`,
    `cd ${agentFolder}`,
    `fetch() { for pause in ${fetchPauses.join(' ')} none; do`,
    '  aws s3 cp --only-show-errors "$1" "$2" && return',
    '  [ "$pause" = none ] || sleep "$pause"',
    'done; return 1; }',
    `fetch ${runtime.url} node.tar.gz & fetching=$!`,
    `fetch ${agentUrl} agent.tar.gz`,
    'tar -xzf agent.tar.gz --no-same-owner',
    'wait "$fetching"',
    `echo '${runtime.sha256}  node.tar.gz' | sha256sum --check --quiet`,
    "tar -xzf node.tar.gz --no-same-owner --strip-components=2 --occurrence=1 --wildcards '*/bin/node'",
    'rm node.tar.gz agent.tar.gz',
  ];
}

function userLines(): readonly string[] {
  const make = `useradd --system --home-dir /var/lib/bellows --create-home --shell /usr/sbin/nologin ${taskUser}`;
  return [`id -u ${taskUser} > /dev/null 2>&1 || ${make}`];
}

function unitLines(boot: Boot): readonly string[] {
  return [
    "cat > /etc/systemd/system/bellows-agent.service <<'UNIT'",
    '[Unit]',
    'After=network-online.target',
    'Wants=network-online.target',
    '[Service]',
    `Environment=BELLOWS_AGENT_URL=${boot.url}`,
    `Environment=BELLOWS_INSTALLATION=${boot.installation}`,
    `Environment=AWS_REGION=${boot.region}`,
    `Environment=BELLOWS_TASK_USER=${taskUser}`,
    `Environment=BELLOWS_NODE_NETWORK=${boot.network}`,
    `Environment=BELLOWS_BOOT_TIMES=${bootTimes}`,
    // Before every start, so that a reboot does not lose the rules; without them the agent does not start.
    `ExecStartPre=/bin/sh ${agentFolder}/metadata-rules.sh ${taskUser}`,
    `ExecStart=${agentFolder}/node ${agentFolder}/index.mjs`,
    'Restart=always',
    'RestartSec=2',
    'KillMode=process',
    'StateDirectory=bellows-agent',
    '[Install]',
    'WantedBy=multi-user.target',
    'UNIT',
  ];
}
