// Temporary credentials of a role, for one attempt. They are handed on and kept nowhere; no error has them in its
// message or as its cause.
import type { RoleCredentials } from '../../core/access/roles.ts';
import { BellowsError } from '../../core/values/errors.ts';

export interface RoleSession {
  readonly role: string;
  readonly tenant: string;
  readonly requestId: string;
  readonly attemptId: string;
}

export interface Roles {
  /** Of a session that is tagged with whose it is. @throws RoleUnavailableError */
  assume(session: RoleSession): Promise<RoleCredentials>;
}

export class RoleUnavailableError extends BellowsError {
  /** Worth trying again. */
  readonly isTransient: boolean;
  constructor(role: string, why: string, isTransient: boolean) {
    super('role_unavailable', `no credentials of the role ${role} are to be had: ${why}`);
    this.isTransient = isTransient;
  }
}
