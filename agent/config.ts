// The configuration of an agent: one JSON file, written by whoever made the node.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { nodeId, poolName } from '../lib/api/schemas/values.ts';
import { BellowsError } from '../lib/core/values/errors.ts';

const milliseconds = z.int().min(1);

export const agentFile = z.strictObject({
  serverUrl: z.url({ protocol: /^https?$/ }),
  nodeId,
  pool: poolName,
  allocatable: z.strictObject({ cpuMilli: z.int().min(0), memoryMib: z.int().min(0), gpu: z.int().min(0) }),
  tasksMax: z.int().min(1),
  /** Journal and attempts' folders; must outlive a restart of the agent. */
  stateDir: z.string().min(1),
  /** One folder per volume stands for its device; absent: tasks that mount volumes do not start. */
  volumesDir: z.string().min(1).exactOptional(),
  /** A folder of a memory file system; absent: tasks with secrets as files do not start. */
  secretsDir: z.string().min(1).exactOptional(),
  /** PATH of the tasks. */
  taskPath: z.string().min(1).default('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'),
  /** Of tasks with an image: the client of docker or podman, and its environment; absent: there is none. */
  containers: z
    .strictObject({
      program: z.string().startsWith('/'),
      env: z.record(z.string(), z.string()),
      user: z.string().exactOptional(),
    })
    .exactOptional(),
  /** Sent with every call, e.g. the node's token. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Sent with every call to the node's bell, where that is a queue; absent: the bell is the controller's own. */
  queueHeaders: z.record(z.string(), z.string()).exactOptional(),
  timing: z
    .strictObject({
      syncTimeoutMs: milliseconds.exactOptional(),
      coalesceMs: milliseconds.exactOptional(),
      backoffBaseMs: milliseconds.exactOptional(),
      backoffMaxMs: milliseconds.exactOptional(),
      uploadWaitMs: milliseconds.exactOptional(),
    })
    .default({}),
});
export type AgentFile = z.output<typeof agentFile>;

export class AgentConfigError extends BellowsError {
  constructor(message: string) {
    super('invalid_agent_config', message);
  }
}

/** @throws AgentConfigError */
export function readAgentFile(file: string): AgentFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AgentConfigError(
      `the agent's config ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const parsed = agentFile.safeParse(value);
  if (!parsed.success)
    throw new AgentConfigError(`the agent's config ${file} is invalid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
