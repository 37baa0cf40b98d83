// The agent protocol as HTTP carries it: POST /agent/v1/sync and PUT /agent/v1/output/{attemptId}.
// Both ends parse with these schemas; lib/core/records/sync.ts says what the fields mean.
import * as z from 'zod';
import type {
  AttemptEnd,
  AttemptOnNode,
  AttemptUsage,
  EndOutcome,
  SyncReply,
  SyncRequest,
} from '../../core/records/sync.ts';
import { artifactBytesMax, artifactPathBytesMax, artifactsMax, staysBelow } from '../../core/access/files.ts';
import type { GivenLogin } from '../../core/access/images.ts';
import type { RoleCredentials } from '../../core/access/roles.ts';
import type { ArtifactList } from '../../core/access/files.ts';
import type { HealthCheck } from '../../core/services/serving.ts';
import { checkpointSignals } from '../../core/records/request.ts';
import { jsonBytes } from '../../core/values/json-bytes.ts';
import { smallOutputBytesMax } from '../../core/values/output.ts';
import type { SmallOutput } from '../../core/values/output.ts';
import { agentLimits } from '../limits.ts';
import { attemptIdText, mountPath, nodeId, poolName, requestId, utf8Length } from './values.ts';

const timeMs = z.int().min(0).max(8_640_000_000_000_000);
const durationMs = z.int().min(0);

const portName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/);
const portNumber = z.int().min(1).max(65_535);

const imageDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const attemptOnNode: z.ZodType<AttemptOnNode> = z.object({
  attemptId: attemptIdText,
  state: z.enum(['queued', 'running']),
  startedAtMs: timeMs.nullable(),
  note: z.string().max(agentLimits.messageLength).exactOptional(),
  ports: z
    .array(z.object({ name: portName, port: portNumber }))
    .max(16)
    .exactOptional(),
  health: z
    .object({ isHealthy: z.boolean(), message: z.string().max(agentLimits.messageLength).exactOptional() })
    .exactOptional(),
  usage: z.object({ cpuMilli: z.int().min(0).max(1e9), memoryMib: z.int().min(0).max(1e9) }).exactOptional(),
  savedAtMs: timeMs.exactOptional(),
  imageDigest: imageDigest.exactOptional(),
});

// A table, so that an outcome which the core gains does not type-check until it is accepted here.
const outcomes: Record<EndOutcome, true> = {
  exited: true,
  timeout: true,
  withdrawn: true,
  error: true,
  refused: true,
  fenced: true,
};

const smallOutput: z.ZodType<SmallOutput> = z
  .object({ stdout: z.string(), stderr: z.string(), truncated: z.boolean() })
  .refine(
    (output) => jsonBytes(output) <= smallOutputBytesMax,
    `must be at most ${String(smallOutputBytesMax)} bytes of JSON; what is more is uploaded`,
  );

const figure = z.int().min(0).nullable();
export const attemptUsage: z.ZodType<AttemptUsage> = z.object({
  memoryPeakMib: figure,
  cpuMs: figure,
  writtenBytes: figure,
  gpuMemoryPeakMib: z.int().min(0).exactOptional(),
  by: z.enum(['cgroup', 'processes']),
});

const attemptEnd: z.ZodType<AttemptEnd> = z.object({
  attemptId: attemptIdText,
  outcome: z.enum(Object.keys(outcomes) as EndOutcome[]),
  exitCode: z.int().min(0).max(255).nullable(),
  message: z.string().max(agentLimits.messageLength).nullable(),
  startedAtMs: timeMs.nullable(),
  endedAtMs: timeMs,
  output: smallOutput.exactOptional(),
  usage: attemptUsage.exactOptional(),
  imageDigest: imageDigest.exactOptional(),
  isOutOfMemory: z.literal(true).exactOptional(),
  isSaved: z.literal(true).exactOptional(),
  preStop: z.string().max(agentLimits.messageLength).exactOptional(),
});

/** Body of `POST /agent/v1/sync`. */
/** Not strict: a controller lives through what agents of a later version add. */
export const syncRequest: z.ZodType<SyncRequest> = z
  .object({
    nodeId,
    pool: poolName,
    bootId: z.string().regex(/^[A-Za-z0-9._:-]{1,100}$/, 'must be 1 to 100 letters, digits, ".", "_", ":" and "-"'),
    seq: z.int().min(0),
    onNode: z.array(attemptOnNode).max(agentLimits.attempts),
    ends: z.array(attemptEnd).max(agentLimits.attempts),
    interruptionAtMs: timeMs.exactOptional(),
    listens: z.literal(true).exactOptional(),
    trouble: z.string().max(agentLimits.messageLength).exactOptional(),
    address: z.union([z.ipv4(), z.ipv6()]).exactOptional(),
    protocol: z.int().min(0).max(1e6).exactOptional(),
    boot: z
      .object({
        kernelAtMs: timeMs.exactOptional(),
        userDataAtMs: timeMs.exactOptional(),
        unpackedAtMs: timeMs.exactOptional(),
        agentAtMs: timeMs,
        taskAtMs: timeMs.exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'SyncRequest' });

const runs = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), argv: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal('shell'), script: z.string() }),
  z.object({
    kind: z.literal('container'),
    image: z.string().min(1),
    argv: z.array(z.string()).min(1).nullable(),
    args: z.array(z.string()).exactOptional(),
  }),
]);

const secretKind = z.enum(['env', 'file']);

export const healthCheck: z.ZodType<HealthCheck> = z.object({
  probe: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('http'), port: z.string(), path: z.string() }),
    z.object({ kind: z.literal('tcp'), port: z.string() }),
    z.object({ kind: z.literal('command'), argv: z.array(z.string()).min(1) }),
  ]),
  startPeriodMs: durationMs,
  intervalMs: z.int().min(1),
  timeoutMs: z.int().min(1),
  healthyAfter: z.int().min(1),
  unhealthyAfter: z.int().min(1),
});

/** Answer to a sync. Not strict: an agent lives through an update of the controller and skips what it does not know. */
export const syncReply: z.ZodType<SyncReply> = z
  .object({
    directive: z.enum(['ok', 'drain', 'leave']),
    assigned: z.array(attemptIdText),
    start: z.array(
      z.object({
        attemptId: attemptIdText,
        requestId,
        index: z.int().min(0),
        count: z.int().min(1).exactOptional(),
        name: z.string().exactOptional(),
        tenant: z.string().exactOptional(),
        attempt: z.int().min(1),
        resources: z.object({ cpuMilli: z.int().min(0), memoryMib: z.int().min(0), gpu: z.int().min(0) }),
        run: runs,
        env: z.record(z.string(), z.string()),
        timeoutMs: durationMs.nullable(),
        graceMs: durationMs.exactOptional(),
        checkpoint: z.object({ signal: z.enum(checkpointSignals) }).exactOptional(),
        outputUrl: z.string(),
        secrets: z.array(z.object({ name: z.string(), as: secretKind })).exactOptional(),
        preStop: z.object({ argv: z.array(z.string()).min(1) }).exactOptional(),
        isMeasured: z.literal(true).exactOptional(),
        hasRole: z.literal(true).exactOptional(),
        hasImageLogin: z.literal(true).exactOptional(),
        hasInputs: z.literal(true).exactOptional(),
        artifacts: z.array(z.string()).exactOptional(),
        keepOutputMib: z.int().min(1).exactOptional(),
        ports: z
          .array(z.object({ name: portName, port: portNumber.exactOptional(), container: portNumber.exactOptional() }))
          .exactOptional(),
        health: healthCheck.exactOptional(),
        mounts: z
          .array(z.object({ volumeId: z.string().regex(/^vol-[0-9a-f]+$/), device: z.string(), path: mountPath }))
          .exactOptional(),
      }),
    ),
    acknowledged: z.array(attemptIdText),
    nextSyncMs: durationMs,
    bell: z.string().min(1).max(500).exactOptional(),
    outputBytesMax: z.int().min(0).exactOptional(),
    protocol: z.int().min(0).exactOptional(),
    fenceMs: durationMs,
    killGraceMs: durationMs,
  })
  .meta({ id: 'SyncReply' });

const streamBytes = z.object({ stdout: z.int().min(0), stderr: z.int().min(0) });
const stream = z
  .string()
  .refine(
    (text) => utf8Length(text) <= agentLimits.outputBytesPerStream,
    `must be at most ${String(agentLimits.outputBytesPerStream)} bytes of UTF-8; send head and tail and set truncated`,
  );

/** Body of `PUT /agent/v1/output/{attemptId}`; answered with 204. Replaces what was kept of the attempt. */
export const outputUpload = z
  .object({
    stdout: stream,
    stderr: stream,
    truncated: z.boolean(),
    leftOutBytes: streamBytes
      .optional()
      .meta({ description: 'How much of what was written is not in the text; nothing unless given.' }),
  })
  .meta({ id: 'OutputUpload' });
export type OutputUpload = z.output<typeof outputUpload>;

/** Answer to `POST /agent/v1/secrets/{attemptId}`. */
export const secretsReply = z
  .object({ secrets: z.array(z.object({ name: z.string(), as: secretKind, value: z.string() })) })
  .meta({ id: 'SecretsReply' });

/** Answer to `POST /agent/v1/inputs/{attemptId}`. */
export const inputsReply = z
  .object({
    inputs: z.array(
      z.object({
        url: z.string(),
        name: z.string(),
        path: z.string(),
        sha256: z.string().exactOptional(),
        unpack: z.literal(true).exactOptional(),
      }),
    ),
  })
  .meta({ id: 'InputsReply' });

/** Answer to `POST /agent/v1/credentials/{attemptId}`. */
export const credentialsReply: z.ZodType<RoleCredentials> = z
  .object({
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    sessionToken: z.string().min(1),
    expiresAtMs: timeMs,
  })
  .meta({ id: 'CredentialsReply' });

/** Answer to `POST /agent/v1/image-login/{attemptId}`. */
export const loginReply: z.ZodType<GivenLogin> = z
  .object({ username: z.string().min(1), password: z.string().min(1), from: z.string() })
  .meta({ id: 'LoginReply' });

const artifactPath = z
  .string()
  .refine((path) => utf8Length(path) <= artifactPathBytesMax && staysBelow(path), 'must be a path below a folder');
const bytesOf = z.int().min(0).max(artifactBytesMax);

/** Body of `POST /agent/v1/artifacts/{attemptId}`, and of the PUT that follows when all files are sent. */
export const artifactList: z.ZodType<ArtifactList> = z
  .object({
    files: z
      .array(z.object({ path: artifactPath, bytes: bytesOf, sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
      .max(artifactsMax)
      .refine((all) => all.reduce((sum, one) => sum + one.bytes, 0) <= artifactBytesMax, 'must be less in all'),
    leftOut: z.array(z.object({ path: z.string().max(artifactPathBytesMax), why: z.string().max(200) })).max(20),
    leftOutCount: z.int().min(0),
    output: z.object({ leftOutBytes: streamBytes }).exactOptional(),
  })
  .meta({ id: 'ArtifactList' });

/** Answer to the POST: of each file, in their order. */
export const placesReply = z
  .object({ places: z.array(z.object({ url: z.string(), headers: z.record(z.string(), z.string()) })) })
  .meta({ id: 'PlacesReply' });

/** Answer to a call that waits for the agent's bell, where the controller itself keeps it: on a laptop. */
export const bellReply = z.object({ isRung: z.boolean() });

export const agentPaths = {
  sync: '/agent/v1/sync',
  output: '/agent/v1/output/{attemptId}',
  secrets: '/agent/v1/secrets/{attemptId}',
  inputs: '/agent/v1/inputs/{attemptId}',
  credentials: '/agent/v1/credentials/{attemptId}',
  login: '/agent/v1/image-login/{attemptId}',
  artifacts: '/agent/v1/artifacts/{attemptId}',
  bell: '/agent/v1/bell',
} as const;

export function secretsPath(attemptId: string): string {
  return agentPaths.secrets.replace('{attemptId}', encodeURIComponent(attemptId));
}

export function artifactsPath(attemptId: string): string {
  return agentPaths.artifacts.replace('{attemptId}', encodeURIComponent(attemptId));
}

export function credentialsPath(attemptId: string): string {
  return agentPaths.credentials.replace('{attemptId}', encodeURIComponent(attemptId));
}

export function loginPath(attemptId: string): string {
  return agentPaths.login.replace('{attemptId}', encodeURIComponent(attemptId));
}

export function inputsPath(attemptId: string): string {
  return agentPaths.inputs.replace('{attemptId}', encodeURIComponent(attemptId));
}

export function outputPath(attemptId: string): string {
  return agentPaths.output.replace('{attemptId}', encodeURIComponent(attemptId));
}
