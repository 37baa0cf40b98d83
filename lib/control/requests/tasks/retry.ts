// Tasks that did not succeed, once more: a new request, of those tasks alone, that asks for the same. Asked twice for
// the same tasks, it is the same new request, unless the keys differ.
import { arraySize, indicesText } from '../../../core/tasks/arrays/subset.ts';
import type { RequestRecord, TaskSpec } from '../../../core/records/request.ts';
import { NotPossibleError } from '../../errors.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { NodesSeen } from '../../store/seen.ts';
import type { RetryWish, SubmitResult } from '../../use-cases.ts';
import { submit } from '../submit.ts';
import { listTasks } from './tasks.ts';

/** `row`: as {@link NodesSeen} shows it. @throws NotPossibleError where no task is in the state; as a submission */
export async function retry(
  ports: ControlPorts,
  settings: ControlSettings,
  nodes: NodesSeen,
  row: RequestRecord,
  { state, idempotencyKey }: RetryWish,
): Promise<SubmitResult> {
  const { tasks } = await listTasks(ports, nodes, row, { state, from: 0, limit: row.spec.count });
  if (tasks.length === 0)
    throw new NotPossibleError(
      `no task of request ${row.id} is ${state}: it is ${row.state}; GET /v1/requests/${row.id}/tasks lists its tasks`,
    );
  const indices = tasks.map((task) => task.index);
  return submit(ports, settings, nodes, {
    tenant: row.tenant,
    idempotencyKey: idempotencyKey ?? keyOf(row.id, indices),
    pool: row.pool,
    spec: specOf(row, indices),
    canonicalBody: JSON.stringify({ retry: row.id, state }),
  });
}

/** No key that a caller may choose has the first character of it. */
function keyOf(id: string, indices: readonly number[]): string {
  return `\u0000retry ${id} ${indicesText(indices)}`;
}

/** `indices`: as people know them. */
function specOf({ id, spec }: RequestRecord, indices: readonly number[]): TaskSpec {
  const { subset: _before, ...same } = spec;
  const isWhole = spec.subset === undefined && indices.length === spec.count;
  return {
    ...same,
    count: indices.length,
    retryOf: id,
    ...(isWhole ? {} : { subset: { of: arraySize(spec), indices: indicesText(indices) } }),
  };
}
