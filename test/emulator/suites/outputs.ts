// Files and outputs in a bucket, as agents and the API use it, on whichever local AWS: presigned uploads above all.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { S3CompactCopies } from '../../../lib/adapters/aws/s3/compact-copies.ts';
import { S3Files } from '../../../lib/adapters/aws/s3/files.ts';
import { S3Outputs } from '../../../lib/adapters/aws/s3/outputs.ts';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import { uploadKey } from '../../../lib/control/store/file-keys.ts';
import { bytesOfText, textOfBytes } from '../../../lib/core/values/output.ts';
import { clientOptions } from './place.ts';
import type { LocalPlace } from './place.ts';

/** `open` is called once it runs. */
export function describeOutputs(open: () => LocalPlace): void {
  describe('outputs in S3', () => {
    let outputs: S3Outputs;
    let files: S3Files;
    beforeAll(async () => {
      const aws = clientOptions(open());
      outputs = new S3Outputs({ ...aws, bucket: 'bellows-outputs' });
      files = new S3Files({ ...aws, bucket: 'bellows-outputs' });
      const client = new S3Client({ ...keepingConnections(aws), forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: 'bellows-outputs' }));
      client.destroy();
    });

    test('a file is uploaded by its address, only as it was announced, and fetched by another', async () => {
      const body = 'packed files';
      const content = { sha256: createHash('sha256').update(body).digest('hex'), bytes: body.length };
      const key = uploadKey('tenant', content.sha256);
      expect(await files.look(key)).toBe(null);
      const { url, headers } = await files.uploadTo(key, content);
      const { 'content-length': _length, ...others } = headers;
      expect((await fetch(url, { method: 'PUT', headers: others, body })).status).toBe(200);
      expect(await files.look(key)).toMatchObject({ bytes: body.length });
      expect(await (await fetch(await files.downloadFrom(key))).text()).toBe(body);
      expect((await fetch(await files.downloadFrom('uploads/none'))).status).toBe(404);
    });

    test('compact copies of pools come back as they were written', async () => {
      const copies = new S3CompactCopies({ ...clientOptions(open()), bucket: 'bellows-outputs' });
      const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
      expect(await copies.read('default/1/0')).toBeNull();
      await copies.write('default/1/0', bytes);
      expect(Buffer.from((await copies.read('default/1/0')) ?? []).equals(bytes)).toBe(true);
    });

    test('what was never stored is null', async () => {
      expect(await outputs.read('r-1.0.1', 100)).toBeNull();
    });

    test(
      'an agent uploads with nothing but the URL, and again while the task ' + 'runs; the tail of each stream is read',
      async () => {
        const url = await outputs.uploadUrl('r-1.0.2');
        for (const stdout of ['begin', `begin… ${'é'.repeat(50)}`]) {
          const stored = await fetch(url, {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ stdout, stderr: 'warn', truncated: false }),
          });
          expect(stored.status).toBe(200);
        }
        expect(await outputs.read('r-1.0.2', 1_000)).toEqual({
          stdout: `begin… ${'é'.repeat(50)}`,
          stderr: 'warn',
          isTruncated: false,
          leftOutBytes: { stdout: 0, stderr: 0 },
        });
        // Nine bytes hold four of the two-byte characters.
        expect(await outputs.read('r-1.0.2', 9)).toEqual({
          stdout: 'éééé',
          stderr: 'warn',
          isTruncated: true,
          leftOutBytes: { stdout: 101, stderr: 0 },
        });
      },
    );

    test('bytes that are no text come back as they were, by either way', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const streams = { stdout: textOfBytes(all), stderr: '\udcff' };
      const body = JSON.stringify({ ...streams, truncated: false });
      const headers = { 'content-type': 'application/json' };
      await fetch(await outputs.uploadUrl('r-4.0.1'), { method: 'PUT', headers, body });
      await outputs.write('r-4.0.2', { ...streams, isTruncated: false, leftOutBytes: { stdout: 0, stderr: 0 } });
      for (const id of ['r-4.0.1', 'r-4.0.2']) {
        const read = await outputs.read(id, 1_000);
        expect(bytesOfText(read?.stdout ?? '')).toEqual(all);
        expect(bytesOfText(read?.stderr ?? '')).toEqual(Uint8Array.of(0xff));
      }
    });

    test('what is written is read, and replaces what was there', async () => {
      await outputs.write('r-2.3.1', {
        stdout: 'a',
        stderr: '',
        isTruncated: true,
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
      await outputs.write('r-2.3.1', {
        stdout: 'b',
        stderr: '',
        isTruncated: true,
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
      expect(await outputs.read('r-2.3.1', 10)).toEqual({
        stdout: 'b',
        stderr: '',
        isTruncated: true,
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
    });

    test.each(['../../x.0.1', 'r/..%2f.0.1', 'no-attempt'])('%s names no output', async (id) => {
      await expect(outputs.uploadUrl(id)).rejects.toThrow(/no attempt id/);
    });
  });
}
