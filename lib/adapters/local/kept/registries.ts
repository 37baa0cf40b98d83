// A stand-in for ECR on one machine: its login opens nothing, and is the token of the role's stand-in.
import type { RoleCredentials } from '../../../core/access/roles.ts';
import type { ExpiringLogin, Registries } from '../../../ports/access/registries.ts';

export class LocalRegistries implements Registries {
  async login(_region: string, { sessionToken, expiresAtMs }: RoleCredentials): Promise<ExpiringLogin> {
    return { username: 'AWS', password: sessionToken, expiresAtMs };
  }
}
