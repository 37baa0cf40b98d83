// The pool whose ticks are measured: its nodes and running tasks by number, and what both processes stand on.
import { createHash } from 'node:crypto';
import { noBells } from '../../../lib/adapters/system/no-bells.ts';
import { awsSettings } from '../../../lib/control/index.ts';
import type { ControlPorts, ControlSettings } from '../../../lib/control/index.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { attemptId } from '../../../lib/core/records/request.ts';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import { awsDecisionSettings } from '../../../lib/core/values/settings.ts';
import type { Instance } from '../../../lib/ports/cloud.ts';
import { toFrozenData } from '../../../lib/ports/store/rules.ts';

export const pool = 'default';

/** One object: the store need not have it a million times. Who reads a row has one of its own. */
export const spec: TaskSpec = toFrozenData({
  type: 'task',
  resources: { cpuMilli: 500, memoryMib: 512, gpu: 0 },
  run: { kind: 'command', argv: ['convert', 'input.png', '-resize', '640x480', 'output.webp'] },
  env: { BUCKET: 'images', KEY: '2026/01/01/input.png' },
  count: 1,
  timeoutMs: 600_000,
  retries: 2,
  priority: 0,
  requirements: {},
  expectedDurationMs: null,
  deadlineMs: null,
  learningStyle: null,
});

/** Like the ids of requests, instances and hashes, nothing of which packs well. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
export const requestId = (n: number): string => `r-${hash(`request ${String(n)}`).slice(0, 26)}`;
export const nodeId = (n: number): string => `i-${hash(`node ${String(n)}`).slice(0, 17)}`;

const reserved = toFrozenData({
  instances: 1,
  vcpu: 8,
  memoryMib: 32_768,
  gpu: 0,
  usdPerHour: 0.4032,
  volumeGib: 0,
}) as NodeRecord['reserved'];

/** `tasks`: ids of those that it runs. */
export function nodeOf(n: number, tasks: readonly string[], nowMs: number): NodeRecord {
  return {
    id: nodeId(n),
    pool,
    launchId: `l-${hash(`launch ${String(n % 100)}`).slice(0, 20)}`,
    specVersion: 1,
    templateVersion: 'amd64:1,arm64:1',
    instanceType: 'm7i.2xlarge',
    zone: 'us-east-1a',
    capacityType: 'on-demand',
    priceUsdPerHour: 0.4032,
    allocatable: { cpuMilli: 7_910, memoryMib: 29_000, gpu: 0 },
    tasksMax: 64,
    reserved,
    missingSinceMs: null,
    state: 'ready',
    createdAtMs: nowMs - 3_600_000,
    readyAtMs: nowMs - 3_500_000,
    bootId: 'boot',
    seq: 1,
    lastSeenAtMs: nowMs - (n % 60) * 1_000,
    assigned: tasks.map((id) => ({
      attemptId: attemptId(id, 0, 1),
      requestId: id,
      index: 0,
      attempt: 1,
      resources: spec.resources,
      isOffered: true,
      placedAtMs: nowMs - 3_000_000,
      startedAtMs: nowMs - 2_990_000,
      expectedEndAtMs: null,
      withdrawn: null,
    })),
    emptySinceMs: tasks.length === 0 ? nowMs : null,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
  };
}

export function instancesOf(nodeCount: number, nowMs: number): readonly Instance[] {
  return Array.from({ length: nodeCount }, (_, n) => ({
    id: nodeId(n),
    state: 'running' as const,
    instanceType: 'm7i.2xlarge',
    zone: 'us-east-1a',
    capacityType: 'on-demand' as const,
    launchedAtMs: nowMs - 3_600_000,
    launchIndex: 0,
    privateIp: null,
    publicIp: null,
    disks: [],
    groupIds: [],
    tags: {},
    stateReason: null,
  }));
}

interface Given extends Pick<ControlPorts, 'clock' | 'store' | 'compactCopies' | 'catalog'> {
  readonly idPrefix: string;
  readonly instances: () => readonly Instance[];
}

export function portsOf({ idPrefix, instances, ...given }: Given): ControlPorts {
  let ids = 0;
  const unasked = (): Promise<never> => Promise.reject(new Error('nobody asks EC2 for this here'));
  return {
    ...given,
    allocate,
    cloud: {
      list: async () => ({ instances: instances(), volumes: [], snapshots: [], groups: [] }),
      launchFleet: unasked,
      runInstances: unasked,
      terminate: unasked,
      stop: unasked,
      start: unasked,
      createVolume: unasked,
      attach: unasked,
      detach: unasked,
      modify: unasked,
      snapshot: unasked,
      deleteVolume: unasked,
      deleteSnapshot: unasked,
      createGroup: unasked,
      authorize: unasked,
      revoke: unasked,
      setGroups: unasked,
      tag: unasked,
      deleteGroup: unasked,
    },
    outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
    bells: noBells,
    bus: { wake: async () => {} },
    events: { publish: async () => {} },
    random: { next: () => 0.5, id: () => `${idPrefix}${String((ids += 1)).padStart(20 - idPrefix.length, '0')}` },
    log: {
      write: (level, message, fields) => {
        if (level === 'warn' || level === 'error')
          process.stdout.write(`  ${level}: ${message} ${JSON.stringify(fields ?? {})}\n`);
      },
    },
  };
}

export function settingsOf(own: Partial<ControlSettings>): ControlSettings {
  return {
    ...awsSettings,
    decisions: { ...awsDecisionSettings, allocationIterations: 5 },
    installation: 'bench',
    templateVersion: 'amd64:1,arm64:1',
    ...own,
  };
}
