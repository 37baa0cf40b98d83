// Objects of S3 that a task's role may read. The controller makes their addresses with the role's credentials, so that
// an agent needs neither these nor a client of S3; an address is a key, and kept nowhere.
import type { S3Place } from '../../core/access/files.ts';
import type { RoleCredentials } from '../../core/access/roles.ts';

export interface Objects {
  /**
   * For a GET, as long as the credentials are good; it answers 403 or 404 where the role may not, or nothing is there.
   * `role`: for messages. @throws RoleUnavailableError
   */
  downloadFrom(place: S3Place, credentials: RoleCredentials, role: string): Promise<string>;
}
