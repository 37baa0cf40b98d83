// What was asked for, as a request shows it again. Values of `env` and a machine's user data may be secrets: they are
// never shown.
import * as z from 'zod';
import type { AnyRequest, ClaimRecord, MachineSpec } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import { inputsView, presentInputs } from './tasks/files.ts';
import { presentRelations, presentServing, relationFields, servingFields } from './tasks/serving/serving-view.ts';
import { imageCredentialsView, secretsView } from './tasks/secrets.ts';
import { requirementsView } from './requirements.ts';
import { compact } from './values.ts';

const seconds = z.number().optional();
const text = z.string().optional();
const count = z.int().optional();

export const askedView = z
  .object({
    command: z.array(z.string()).optional(),
    args: z.array(z.string()).optional(),
    shell: text,
    image: text,
    env: z.array(z.string()).optional().meta({ description: 'The names of the variables; values are not shown.' }),
    resources: z.object({ vcpu: z.number(), memoryMib: z.number(), gpu: z.number() }).optional(),
    needs: z.object({ vcpu: z.number(), memoryMib: z.number(), gpu: z.number() }).optional(),
    capacityType: text,
    requirements: requirementsView.optional(),
    priority: count,
    retries: count,
    lossesMax: count,
    timeoutSeconds: seconds,
    deadlineSeconds: seconds,
    leaseSeconds: seconds,
    expectedDurationSeconds: seconds,
    group: text,
    gang: z.boolean().optional(),
    ...relationFields,
    ...servingFields,
    memoryGrowth: z.number().optional(),
    memoryMaxMib: count,
    imageCredentials: imageCredentialsView.optional(),
    secrets: secretsView.optional().meta({ description: 'Where they are kept; values are nowhere here.' }),
    inputs: inputsView.optional(),
    artifacts: z.array(z.string()).optional(),
    output: z.object({ keepMib: z.int() }).optional(),
    mounts: z.array(z.object({ request: z.string(), path: z.string().optional() })).optional(),
    subnetId: text,
    keyPair: text,
    role: text,
    zone: text,
    attachTo: text,
    sizeGib: z.number().optional(),
    iops: z.number().optional(),
    throughputMibps: z.number().optional(),
    volumeType: text,
    snapshotId: text,
    onRelease: text,
  })
  .meta({ id: 'Asked' });
export type AskedView = z.output<typeof askedView>;

const secondsOf = (ms: number | null): number | undefined => (ms === null ? undefined : ms / 1000);

export function presentAsked(record: AnyRequest): AskedView {
  return isClaim(record) ? askedOfClaim(record) : presentTemplate(record.spec);
}

function runOf({ run }: TaskSpec): Pick<AskedView, 'command' | 'shell' | 'image'> {
  switch (run.kind) {
    case 'command':
      return { command: [...run.argv] };
    case 'shell':
      return { shell: run.script };
    case 'container':
      return {
        image: run.image,
        ...(run.argv === null ? {} : { command: [...run.argv] }),
        ...(run.args === undefined ? {} : { args: [...run.args] }),
      };
  }
}

export function presentTemplate(spec: TaskSpec): AskedView {
  const { cpuMilli, memoryMib, gpu } = spec.resources;
  return {
    ...runOf(spec),
    env: Object.keys(spec.env),
    resources: { vcpu: cpuMilli / 1000, memoryMib, gpu },
    requirements: spec.requirements,
    priority: spec.priority,
    retries: spec.retries,
    ...presentRelations(spec),
    ...presentServing(spec),
    ...compact({
      lossesMax: spec.lossesMax,
      timeoutSeconds: secondsOf(spec.timeoutMs),
      deadlineSeconds: secondsOf(spec.deadlineMs),
      expectedDurationSeconds: secondsOf(spec.expectedDurationMs),
      group: spec.group,
      gang: spec.gang,
      memoryGrowth: spec.memoryGrowth?.factor,
      memoryMaxMib: spec.memoryGrowth?.maxMib,
      role: spec.role,
      imageCredentials: spec.imageCredentials && { ...spec.imageCredentials },
      secrets: spec.secrets?.map((one) => ({ ...one })),
      inputs: presentInputs(spec.inputs),
      artifacts: spec.artifacts && [...spec.artifacts],
      output: spec.output && { ...spec.output },
      mounts: spec.mounts?.map(({ request, path }) => ({ request, ...(path === null ? {} : { path }) })),
    }),
  };
}

export function presentMachine(spec: MachineSpec): AskedView {
  const { vcpu, memoryMib, gpu } = spec.needs;
  return {
    needs: { vcpu, memoryMib, gpu },
    capacityType: spec.capacityType,
    requirements: spec.requirements,
    ...compact({
      image: spec.imageId ?? undefined,
      subnetId: spec.subnetId ?? undefined,
      keyPair: spec.keyName ?? undefined,
      role: spec.instanceProfile ?? undefined,
    }),
  };
}

function askedOfClaim({ spec }: ClaimRecord): AskedView {
  const common = compact({ leaseSeconds: secondsOf(spec.leaseMs), deadlineSeconds: secondsOf(spec.deadlineMs) });
  switch (spec.type) {
    case 'virtual_machine':
      return { ...common, ...presentMachine(spec) };
    case 'storage': {
      const { sizeGib, iops, throughputMibps, volumeType, snapshotId, onRelease } = spec.volume;
      return {
        ...common,
        sizeGib,
        onRelease,
        ...compact({
          iops: iops ?? undefined,
          throughputMibps: throughputMibps ?? undefined,
          volumeType: volumeType ?? undefined,
          snapshotId: snapshotId ?? undefined,
          zone: spec.zone ?? undefined,
          attachTo: spec.attachTo ?? undefined,
        }),
      };
    }
    case 'network':
      return common;
  }
}
