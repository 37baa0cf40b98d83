// What an attempt may be given now. The node's document decides whether the node runs it, and the pool as it is now
// whether its tenant may use its secrets: a grant that was taken back since is heard of by the next attempt.
import { s3PlaceOf } from '../../core/access/files.ts';
import { imageSecret } from '../../core/access/images.ts';
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
import type { AttemptImage, AttemptInputs, AttemptRole } from '../use-cases.ts';

/** null: this node does not run it (any more). @throws SecretRefusedError */
export async function secretsOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<readonly SecretRef[] | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  if (request === null) return null;
  const secrets = request.spec.secrets ?? [];
  await checkSecrets(ports, request, secrets);
  return secrets;
}

/** @throws SecretRefusedError */
async function checkSecrets(
  ports: ControlPorts,
  { pool, tenant }: RequestRecord,
  secrets: readonly SecretRef[],
): Promise<void> {
  const grants = (await readPool(ports, pool))?.data.spec.secrets ?? [];
  const refused = secretsRefused(secrets, grants, tenant);
  if (refused.length > 0) throw new SecretRefusedError(refusedText(pool, tenant, refused));
}

/**
 * null: this node does not run it (any more), or it names no credentials.
 * @throws SecretRefusedError, RoleRefusedError
 */
export async function imageOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<AttemptImage | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  const { run, imageCredentials } = request?.spec ?? {};
  if (request === null || run?.kind !== 'container' || imageCredentials === undefined) return null;
  const { secret, role } = imageCredentials;
  await checkSecrets(ports, request, imageSecret(imageCredentials));
  if (secret !== undefined) return { kind: 'secret', image: run.image, from: secret };
  if (role === undefined) return null;
  return { kind: 'role', image: run.image, role: await allowedRole(ports, request, role, attemptId) };
}

/** null: this node does not run it (any more). @throws RoleRefusedError */
export async function inputsOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<AttemptInputs | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  if (request === null) return null;
  const { inputs = [], role } = request.spec;
  const isOfS3 = inputs.some((one) => one.url !== undefined && s3PlaceOf(one.url) !== null);
  const reader = isOfS3 && role !== undefined ? await allowedRole(ports, request, role, attemptId) : null;
  return { tenant: request.tenant, inputs, role: reader };
}

/** null: this node does not run it (any more), or it has no role. @throws RoleRefusedError */
export async function roleOfAttempt(
  ports: ControlPorts,
  nodeId: string,
  attemptId: string,
): Promise<AttemptRole | null> {
  const request = await requestOf(ports, nodeId, attemptId);
  return request?.spec.role === undefined ? null : allowedRole(ports, request, request.spec.role, attemptId);
}

/** @throws RoleRefusedError */
async function allowedRole(
  ports: ControlPorts,
  { pool, tenant, id: requestId }: RequestRecord,
  role: string,
  attemptId: string,
): Promise<AttemptRole> {
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
  what?: string,
): Promise<void> {
  const until = new Date(expiresAtMs).toISOString();
  const message =
    what === undefined
      ? `attempt ${attemptId} of ${tenant} was given credentials of ${role} until ${until}`
      : `the agent of attempt ${attemptId} of ${tenant} may fetch ${what} as ${role} until ${until}`;
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
