// Requests as the API takes and shows them: the body of a task, what becomes of it in the core, and its views.
import * as z from 'zod';
import type { RequestState, TaskCommand, TaskConstraints, TaskSpec, TaskState } from '../../core/records/request.ts';
import type { Requirements } from '../../core/values/requirements.ts';
import type { Resources } from '../../core/values/resources.ts';
import {
  groupAllocationView,
  machineBody,
  networkBody,
  networkView,
  partView,
  storageBody,
  volumeAllocationView,
} from './claims.ts';
import { askedView } from './asked.ts';
import { taskDisruption, taskDisruptionOf } from './disruption.ts';
import { limits } from '../limits.ts';
import { problemView } from '../problems.ts';
import { checkSecrets, imageCredentials, secrets } from './tasks/secrets.ts';
import { environment } from './tasks/environment.ts';
import { artifacts, checkInputs, inputs, inputsOf, output, wholeOutputView } from './tasks/files.ts';
import type { Fetching } from './tasks/files.ts';
import { checkMounts } from './tasks/mounts.ts';
import type { Mounting } from './tasks/mounts.ts';
import { checkGrowth, growthOf, memoryFields } from './tasks/memory.ts';
import type { CheckedTask } from './tasks/memory.ts';
import { role } from './tasks/roles.ts';
import { learningStyle, learningView } from './figures/forecast.ts';
import { lastAttemptUsd, quotedView, usd } from './tasks/cost.ts';
import { imageDigestView, usageView } from './tasks/usage.ts';
import { bursty, requirements, requirementsOf } from './requirements.ts';
import {
  compact,
  idempotencyKey,
  labelFilter,
  mountPath,
  namedFields,
  poolName,
  requestId,
  requestName,
  processText,
  seconds,
  time,
  wholeNumber,
} from './values.ts';

export const resources = z
  .strictObject({
    vcpu: z
      .number('must be a number of vCPUs, e.g. 0.5')
      .min(limits.vcpuMin, `must be at least ${String(limits.vcpuMin)}`)
      .max(limits.vcpuMax, `must be at most ${String(limits.vcpuMax)}`)
      .meta({ description: 'Fractions are allowed; rounded up to a thousandth.' }),
    memoryMib: wholeNumber(1, limits.memoryMibMax),
    gpu: wholeNumber(0, limits.gpuMax).default(0),
  })
  .meta({ id: 'Resources' });

const label = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a label of 1 to 63 letters, digits, ".", "_" and "-"');
const topology = z.enum(['zone', 'node'], 'must be "zone" or "node"');
const related = z
  .array(z.strictObject({ topology, group: label }))
  .min(1)
  .max(limits.constraintEntries);

const constraints = {
  group: label
    .optional()
    .meta({ description: 'The label by which spread, affinity and antiAffinity of tasks of the tenant count it.' }),
  spread: z
    .array(z.strictObject({ topology, group: label, maxSkew: wholeNumber(1, limits.countMax).default(1) }))
    .min(1)
    .max(limits.constraintEntries)
    .optional()
    .meta({ description: 'Keep the number of tasks of the group per zone or node within maxSkew of each other.' }),
  affinity: related.optional().meta({ description: 'Run where tasks of the group run.' }),
  antiAffinity: related.optional().meta({ description: 'Run where no task of the group runs.' }),
  preferences: z
    .array(
      z.strictObject({
        requirements,
        maxExtraUsdPerHour: z.number('must be a number of USD per hour').min(0, 'must not be negative').max(1_000),
      }),
    )
    .min(1)
    .max(limits.constraintEntries)
    .optional()
    .meta({ description: 'Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task.' }),
  gang: z.boolean('must be true or false').optional().meta({ description: 'All tasks of the array at once, or none.' }),
};

export const lossesMax = wholeNumber(1, limits.lossesMax);
export const lossesText =
  'Spot interruptions, drains, announced terminations and silence do not count. After the second one a task '
  + 'runs alone on a node.';

/** What a plan needs to know of a task: everything but what it runs. */
export const demandFields = {
  resources,
  count: wholeNumber(1, limits.countMax)
    .default(1)
    .meta({ description: 'How many identical tasks; above 1 it is an array.' }),
  priority: wholeNumber(-limits.priorityMax, limits.priorityMax)
    .default(0)
    .meta({ description: 'Higher is served first; a lower one has turns, at least every 10 minutes.' }),
  requirements: requirements.default({}),
  bursty,
  expectedDurationSeconds: z
    .number('must be a number of seconds')
    .positive('must be more than 0')
    .max(limits.durationSecondsMax)
    .optional()
    .meta({ description: 'A guess helps to choose nodes that empty together.' }),
  ...constraints,
};

export const runFields = {
  command: z
    .array(processText(limits.argumentBytes), 'must be a list of arguments, e.g. ["echo", "hello"]')
    .min(1, 'must name a program')
    .max(limits.argvEntries, `must have at most ${String(limits.argvEntries)} entries`)
    .refine((argv) => argv[0] !== '', 'must begin with the name of a program')
    .optional()
    .meta({
      description:
        `Program and arguments, each at most ${String(limits.argumentBytes)} bytes of UTF-8. Exactly one `
        + 'of command and shell.',
    }),
  shell: processText(limits.argumentBytes)
    .min(1, 'must not be empty')
    .optional()
    .meta({
      description:
        `A script for sh -c, at most ${String(limits.argumentBytes)} bytes of `
        + 'UTF-8. Exactly one of command and shell.',
    }),
  args: z
    .array(processText(limits.argumentBytes), 'must be a list of arguments')
    .min(1, 'must not be empty')
    .max(limits.argvEntries, `must have at most ${String(limits.argvEntries)} entries`)
    .optional()
    .meta({ description: 'Arguments for what the image itself starts; not beside command and shell.' }),
  image: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'must be the name of a container image, e.g. "alpine:3.22"')
    .optional()
    .meta({
      description:
        'A container image to run it in. Without command and shell the image starts what it starts by itself.',
    }),
  env: environment(processText(limits.envValueBytes))
    .default({})
    .meta({
      description:
        `At most ${String(limits.envEntries)} environment variables, each value at most `
        + `${String(limits.envValueBytes)} bytes of UTF-8; beside BELLOWS_REQUEST_ID, BELLOWS_TASK_INDEX, `
        + 'BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.',
    }),
  imageCredentials: imageCredentials.optional(),
  ...memoryFields,
  role: role.optional(),
  secrets: secrets.optional().meta({ description: 'Read when an attempt starts, and kept nowhere (docs/secrets.md).' }),
  inputs: inputs.optional(),
  artifacts: artifacts.optional(),
  output: output.optional(),
  mounts: z
    .array(
      z.strictObject({
        request: requestId.meta({ description: 'A storage request of yours.' }),
        path: mountPath.optional().meta({ description: 'Where below the working directory; "mnt/N" unless given.' }),
      }),
    )
    .min(1)
    .max(8)
    .optional()
    .meta({
      description:
        'Volumes that the task has as folders while it runs, one task at a time; BELLOWS_MOUNT_0, … are their '
        + 'paths. Only for a single task.',
    }),
  timeoutSeconds: seconds(limits.timeoutSecondsMin)
    .optional()
    .meta({ description: 'A running task is stopped after this; no limit unless given.' }),
  retries: wholeNumber(0, limits.retriesMax)
    .default(0)
    .meta({ description: 'How often a failed task is run again. Losses of nodes do not count.' }),
  lossesMax: lossesMax
    .optional()
    .meta({
      description:
        'So many nodes may be lost under it without notice before it fails; '
        + `the pool's unless given. ${lossesText}`,
    }),
  deadlineSeconds: seconds(limits.timeoutSecondsMin)
    .optional()
    .meta({ description: 'Ends as "expired" unless ended this long after acceptance.' }),
  disruption: taskDisruption
    .optional()
    .meta({
      description:
        'What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no retry.',
    }),
  learningStyle: learningStyle
    .optional()
    .meta({
      description:
        "Overrides the pool's for what is bought ahead of this request (docs/scaling.md). scheduled: its pool must "
        + 'have a schedule.',
    }),
};

export function checkRun(
  body: Mounting & CheckedTask & Fetching & { command?: unknown; shell?: unknown; args?: unknown },
  context: z.RefinementCtx,
): void {
  checkMounts(body, context);
  checkGrowth(body, context);
  checkSecrets(body, context);
  checkInputs(body, context);
  if (body.args !== undefined && (body.image === undefined || body.command !== undefined || body.shell !== undefined))
    context.addIssue({ code: 'custom', path: ['args'], message: 'is for what an image itself starts: give it alone' });
  if (body.command !== undefined && body.shell !== undefined) {
    context.addIssue({ code: 'custom', path: ['shell'], message: 'give either command or shell, not both' });
  } else if (body.command === undefined && body.shell === undefined && body.image === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['command'],
      message:
        'is required: give exactly one of command (a list of arguments) and shell (a script); only with an '
        + 'image may both be absent',
    });
  }
}

const taskFields = {
  type: z.literal('task'),
  quote: z
    .boolean('must be true or false')
    .default(false)
    .meta({
      description:
        'It is quoted when it is accepted, and keeps that: GET /v1/quotes/accuracy says how such quotes came true. '
        + 'Not in a batch.',
    }),
  ...namedFields,
  pool: poolName
    .optional()
    .meta({
      description: 'Unless given, the first that accepts it: the default pool, then by priority, then the oldest.',
    }),
  ...demandFields,
  ...runFields,
};

export const taskBody = z.strictObject(taskFields).superRefine(checkRun).meta({ id: 'TaskRequest' });
export type TaskBody = z.output<typeof taskBody>;

const requestTypes = 'must be "task", "virtual_machine", "storage" or "network"';

export const requestBody = z
  .discriminatedUnion('type', [taskBody, machineBody, storageBody, networkBody], {
    error: (issue) => (issue.code === 'invalid_union' ? requestTypes : undefined),
  })
  .meta({ id: 'Request' });

/** Items are validated one by one, so that one bad item is its own result and not the batch's. */
export const batchBody = z
  .strictObject({
    requests: z
      .array(
        z
          .unknown()
          .meta({
            description: 'A request, optionally with idempotencyKey beside its fields.',
            override: { type: 'object' },
          }),
        'must be a list of requests',
      )
      .min(1, 'must hold at least one request')
      .max(limits.batchItems, `must hold at most ${String(limits.batchItems)} requests; send several batches`),
  })
  .meta({ id: 'Batch' });

export const batchItemKey = z.looseObject({ idempotencyKey: idempotencyKey.optional() }, 'must be an object');

export function resourcesOf(body: z.output<typeof resources>): Resources {
  // The small step down keeps 0.1 + 0.2 from costing a thousandth more than 0.3.
  return { cpuMilli: Math.ceil(body.vcpu * 1000 - 1e-6), memoryMib: body.memoryMib, gpu: body.gpu };
}

export const resourcesViewSchema = z.object({ vcpu: z.number(), memoryMib: z.number(), gpu: z.number() });

export function resourcesView(value: Resources): z.output<typeof resourcesViewSchema> {
  return { vcpu: value.cpuMilli / 1000, memoryMib: value.memoryMib, gpu: value.gpu };
}

type ConstraintFields = Pick<TaskBody, keyof typeof constraints>;

export function constraintsOf(body: ConstraintFields): TaskConstraints {
  return compact({
    group: body.group,
    spread: body.spread,
    affinity: body.affinity,
    antiAffinity: body.antiAffinity,
    preferences: body.preferences?.map((one) => ({ ...one, requirements: requirementsOf(one.requirements) })),
    gang: body.gang,
  });
}

/** The core keeps among the requirements that a task has use for offerings priced for bursts. */
export function wishedOf(body: Pick<TaskBody, 'requirements' | 'bursty'>): Requirements {
  return { ...requirementsOf(body.requirements), ...(body.bursty ? { bursty: true } : {}) };
}

export function msOrNull(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1000);
}

function commandOf(body: Pick<TaskBody, 'image' | 'command' | 'shell' | 'args'>): TaskCommand {
  const { image, command, shell, args } = body;
  if (image !== undefined) {
    const argv = command ?? (shell === undefined ? null : ['/bin/sh', '-c', shell]);
    return { kind: 'container', image, argv, ...(args === undefined ? {} : { args }) };
  }
  return command === undefined ? { kind: 'shell', script: shell ?? '' } : { kind: 'command', argv: command };
}

/** The core's task of a body that {@link taskBody} accepted and that asks for nothing unsupported. */
export function taskSpecOf(body: Omit<TaskBody, 'quote'>): TaskSpec {
  return {
    type: 'task',
    resources: resourcesOf(body.resources),
    run: commandOf(body),
    env: body.env,
    count: body.count,
    timeoutMs: msOrNull(body.timeoutSeconds),
    retries: body.retries,
    priority: body.priority,
    requirements: wishedOf(body),
    expectedDurationMs: msOrNull(body.expectedDurationSeconds),
    deadlineMs: msOrNull(body.deadlineSeconds),
    learningStyle: body.learningStyle ?? null,
    ...compact({
      name: body.name,
      labels: body.labels,
      lossesMax: body.lossesMax,
      secrets: body.secrets,
      role: body.role,
      imageCredentials: body.imageCredentials && compact(body.imageCredentials),
      inputs: inputsOf(body.inputs),
      artifacts: body.artifacts,
      output: body.output,
      memoryGrowth: growthOf(body),
      disruption: body.disruption && taskDisruptionOf(body.disruption),
      mounts: body.mounts?.map(({ request, path }) => ({ request, path: path ?? null })),
    }),
    ...constraintsOf(body),
  };
}

// A table, so that a state which the core gains does not type-check until the contract shows it.
const states: Record<RequestState, true> = {
  pending: true,
  running: true,
  active: true,
  releasing: true,
  succeeded: true,
  failed: true,
  cancelled: true,
  expired: true,
  released: true,
};
export const requestState = z.enum(
  Object.keys(states) as RequestState[],
  `must be one of ${Object.keys(states).join(', ')}`,
);
export const requestType = z.enum(['task', 'virtual_machine', 'storage', 'network'], requestTypes);

const count = z.int().min(0);

export const allocationView = z
  .object({
    resourceType: z.literal('ec2-instance'),
    instanceType: z.string(),
    zone: z.string(),
    capacityType: z.enum(['spot', 'on-demand']),
    priceUsdPerHour: z.number(),
    instanceId: z.string().optional().meta({ description: 'Of a virtual machine (the first of several).' }),
    privateAddress: z.string().nullable().optional(),
    publicAddress: z.string().nullable().optional(),
    placement: z.string().nullable().meta({ description: "The pool's placement policy; null once the pool is gone." }),
    learningStyle: learningStyle.nullable(),
  })
  .meta({ id: 'Allocation' });

export const requestView = z
  .object({
    id: z.string(),
    type: requestType,
    name: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    pool: z.string(),
    tenant: z.string(),
    state: requestState,
    reason: z.string().nullable(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    count,
    counts: z.object({ pending: count, running: count, succeeded: count, failed: count, cancelled: count }),
    exitCode: z.int().nullable().meta({ description: 'null for arrays and for what did not exit.' }),
    attempts: count.nullable().meta({ description: 'Runs begun so far; null for arrays.' }),
    lastAttemptUsd: lastAttemptUsd.optional(),
    usd: usd.optional(),
    usage: usageView.optional(),
    imageDigest: imageDigestView.optional(),
    allocation: z
      .discriminatedUnion('resourceType', [allocationView, volumeAllocationView, groupAllocationView])
      .nullable(),
    parts: z
      .array(partView)
      .optional()
      .meta({ description: 'Of a claim: every machine, volume and security group that it has.' }),
    network: networkView.optional(),
    leaseEndsAt: time.optional(),
    nextTryAt: time
      .optional()
      .meta({
        description:
          'Until when what its reason says lasts, or when it is tried again; absent where that is not known.',
      }),
    learning: learningView.optional(),
    waitsFor: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .meta({ description: 'Of a task request with tasks that wait: the last entry of its timeline, which says why.' }),
    asked: askedView.optional().meta({ description: 'What was asked for; not in lists.' }),
    service: z
      .object({ name: z.string(), slot: count, revision: count })
      .optional()
      .meta({ description: 'The service that it is a replica of.' }),
    retryOf: z.string().optional().meta({ description: 'The request of which tasks are run again here.' }),
    subset: z
      .object({ of: count, indices: z.string() })
      .optional()
      .meta({ description: 'Its tasks are these of an array of so many, e.g. {"of": 2000, "indices": "77,92-95"}.' }),
    quoted: quotedView
      .optional()
      .meta({ description: 'What its quote said when it was accepted, where it was sent with `quote`.' }),
    advice: z
      .string()
      .optional()
      .meta({
        description:
          'Only in the answer to a submission: what slightly less, usually memory just over what a node leaves for '
          + 'tasks, would cost by itself; absent where it would not cost much less.',
      }),
    etag: z
      .string()
      .optional()
      .meta({
        description:
          'Of a claim: the revision of its spec. Also the header ETag; sent as If-Match it guards the next change.',
      }),
  })
  .meta({ id: 'RequestView' });
export type RequestView = z.output<typeof requestView>;

export const requestFilter = {
  state: requestState.optional(),
  type: requestType.optional(),
  pool: poolName.optional(),
  name: requestName.optional(),
  label: labelFilter.optional(),
  since: time.optional().meta({ description: 'Accepted at this time or later: RFC 3339, UTC.' }),
  order: z
    .enum(['newest', 'oldest'], 'must be newest or oldest')
    .optional()
    .meta({ description: 'Which come first; the newest unless given.' }),
};

export const requestListView = z
  .object({
    items: z.array(requestView),
    nextCursor: z.string().nullable(),
    examined: count.meta({
      description: 'How many requests this page looked at, at most 1,100, those among them that the filter leaves out.',
    }),
  })
  .meta({ id: 'RequestList' });

// A table, for the same reason; `placed` is shown as running.
const taskStates: Record<Exclude<TaskState, 'placed'> | 'running', true> = {
  pending: true,
  running: true,
  succeeded: true,
  failed: true,
  cancelled: true,
  expired: true,
};
export const taskState = z.enum(
  Object.keys(taskStates) as (keyof typeof taskStates)[],
  `must be one of ${Object.keys(taskStates).join(', ')}`,
);

export const retriedState = z
  .enum(['failed', 'cancelled', 'expired'], 'must be failed, cancelled or expired')
  .meta({ description: 'Which tasks run again; "failed" unless given.' });

export const taskView = z
  .object({
    index: count,
    state: taskState.meta({ description: '`running`: on a node; `startedAt` is null until the node has started it.' }),
    exitCode: z.int().nullable().meta({ description: 'Of the last attempt that exited.' }),
    reason: z.string().nullable(),
    attempts: count.meta({ description: 'Runs begun so far.' }),
    usage: usageView.optional(),
    imageDigest: imageDigestView.optional(),
    node: z
      .object({
        id: z.string(),
        instanceType: z.string(),
        zone: z.string(),
        capacityType: z.enum(['spot', 'on-demand']),
        priceUsdPerHour: z.number().meta({ description: 'Of the whole node.' }),
      })
      .nullable()
      .meta({ description: 'Of the last attempt.' }),
    lastAttemptUsd,
    usd,
    placedAt: time.nullable(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    nextTryAt: time.optional().meta({ description: 'Of one that waits after a failure or a loss: not before this.' }),
  })
  .meta({ id: 'Task' });
export type TaskView = z.output<typeof taskView>;

export const taskListView = z
  .object({
    items: z.array(taskView),
    nextFrom: z.int().nullable().meta({ description: '`from` of the next page; null on the last.' }),
  })
  .meta({ id: 'TaskList' });

export const batchView = z
  .object({
    results: z.array(z.object({ status: z.int(), id: z.string().optional(), problem: problemView.optional() })),
  })
  .meta({ id: 'BatchResults' });
export type BatchView = z.output<typeof batchView>;

export const timelineView = z
  .object({
    items: z.array(
      z.object({
        at: time,
        stage: z.string(),
        code: z.string(),
        message: z.string(),
        nextTryAt: time.optional(),
        excluded: z.array(z.object({ constraint: z.string(), offerings: count })).optional(),
      }),
    ),
  })
  .meta({ id: 'Timeline' });
export type TimelineView = z.output<typeof timelineView>;

const bytes = z.int().meta({ description: 'Bytes.' });
const kept =
  'UTF-8; each byte that is none is a U+FFFD. Of a long stream the first and the last 128 KiB are kept, with '
  + 'a line between them. With `encoding=base64` the bytes as the task wrote them, without that line.';
export const outputView = z
  .object({
    stdout: z.string().meta({ description: kept }),
    stderr: z.string().meta({ description: kept }),
    truncated: z
      .boolean()
      .meta({
        description: 'Something of a stream is not here, because it is not kept or was not asked for (tailBytes).',
      }),
    leftOutBytes: z
      .object({ stdout: bytes, stderr: bytes })
      .meta({ description: 'How much of each stream is not here.' }),
    next: z
      .string()
      .nullable()
      .meta({ description: 'As `sinceBytes` it answers what comes after this; null while there is no output.' }),
    ended: z.boolean().meta({ description: 'The task has ended: no more will come.' }),
    whole: wholeOutputView.exactOptional(),
  })
  .meta({ id: 'Output' });
export type OutputView = z.output<typeof outputView>;
