// A stand-in for STS on one machine: its credentials open nothing, and say in their token whose they are.
import { createHmac } from 'node:crypto';
import type { RoleCredentials } from '../../../core/access/roles.ts';
import type { RoleSession, Roles } from '../../../ports/access/roles.ts';

const sessionMs = 3_600_000;

export class LocalRoles implements Roles {
  readonly #options: { readonly secret: string; readonly nowMs: () => number };

  constructor(options: { readonly secret: string; readonly nowMs: () => number }) {
    this.#options = options;
  }

  async assume(session: RoleSession): Promise<RoleCredentials> {
    const expiresAtMs = this.#options.nowMs() + sessionMs;
    const sessionToken = Buffer.from(JSON.stringify({ ...session, expiresAtMs })).toString('base64');
    const mac = createHmac('sha256', `roles of ${this.#options.secret}`).update(sessionToken).digest('hex');
    return {
      accessKeyId: `LOCAL${mac.slice(0, 15).toUpperCase()}`,
      secretAccessKey: mac.slice(16),
      sessionToken,
      expiresAtMs,
    };
  }
}
