// One machine has no S3, and its stand-ins' credentials open nothing there.
import type { S3Place } from '../../../core/access/files.ts';
import type { RoleCredentials } from '../../../core/access/roles.ts';
import type { Objects } from '../../../ports/access/objects.ts';
import { RoleUnavailableError } from '../../../ports/access/roles.ts';

export class LocalObjects implements Objects {
  async downloadFrom({ bucket, key }: S3Place, _credentials: RoleCredentials, role: string): Promise<string> {
    const cure = 'upload the file, or give a presigned https URL';
    throw new RoleUnavailableError(role, `for s3://${bucket}/${key}: one machine has no S3; ${cure}`, false);
  }
}
