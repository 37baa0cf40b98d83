// What an attempt may be given now. The node's document decides whether the node runs it, and the pool as it is now
// whether its tenant may use its secrets: a grant that was taken back since is heard of by the next attempt.
import { mayHaveRole, roleRefusedText } from '../../core/access/roles.ts';
import { refusedText, secretsRefused } from '../../core/access/secrets.ts';
import type { SecretRef } from '../../core/access/secrets.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { RequestRecord } from '../../core/records/request.ts';
import { isEnd, parseAttemptId } from '../../core/records/request.ts';
import type { ControlPorts } from '../ports.ts';
import { RoleRefusedError, SecretRefusedError } from '../errors.ts';
import { readPool } from '../requests/pools.ts';
import { keys } from '../store/keys.ts';
import { activityItem } from '../store/activity.ts';
import { put, reading } from '../store/store-retry.ts';
import type { AttemptInputs, AttemptRole } from '../use-cases.ts';

/** null: this node does not run it (any more). @throws SecretRefusedError */
export async function secretsOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<readonly SecretRef[] | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  if (request === null) return null;
  const { pool, tenant, spec } = request;
  const secrets = spec.secrets ?? [];
  const grants = (await readPool(ports, pool))?.data.spec.secrets ?? [];
  const refused = secretsRefused(secrets, grants, tenant);
  if (refused.length > 0) throw new SecretRefusedError(refusedText(pool, tenant, refused));
  return secrets;
}

/** null: this node does not run it (any more). */
export async function inputsOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<AttemptInputs | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  return request === null ? null : { tenant: request.tenant, inputs: request.spec.inputs ?? [] };
}

/** null: this node does not run it (any more), or it has no role. @throws RoleRefusedError */
export async function roleOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<AttemptRole | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  if (request?.spec.role === undefined) return null;
  const { pool, tenant, id: requestId } = request;
  const { role } = request.spec;
  if (!mayHaveRole((await readPool(ports, pool))?.data.spec.roles ?? [], tenant, role))
    throw new RoleRefusedError(roleRefusedText(pool, tenant, role));
  return { role, tenant, requestId, attemptId, pool };
}

/** For the activity of its pool: who was given what, until when. */
export async function noteGrant(
  ports: ControlPorts,
  nodeId: string,
  { pool, role, attemptId, tenant }: AttemptRole,
  expiresAtMs: number,
): Promise<void> {
  const until = new Date(expiresAtMs).toISOString();
  const message = `attempt ${attemptId} of ${tenant} was given credentials of ${role} until ${until}`;
  await put(ports, activityItem(ports, pool, { code: 'role_granted', message, nodeId }), 'absent');
}

/** Of an attempt that this node runs. */
async function requestOf(ports: ControlPorts, nodeId: string, attemptId: string): Promise<RequestRecord | null> {
  const about = parseAttemptId(attemptId);
  const row = about && (await reading(ports, () => ports.store.get<RequestRecord>(keys.request(about.requestId))));
  if (!row || isEnd(row.data.state)) return null;
  const node = await reading(ports, () => ports.store.get<NodeRecord>(keys.node(row.data.pool, nodeId)));
  const assignment = node?.data.assigned.find((one) => one.attemptId === attemptId);
  return !assignment || assignment.withdrawn !== null || node?.data.isLost === true ? null : row.data;
}
