// Where output goes when the presigned URL of a long task has expired.
import { describe, expect, test } from '@jest/globals';
import { TransportError } from '../../../agent/transport.ts';
import type { Transport } from '../../../agent/transport.ts';
import { Uploader } from '../../../agent/tasks/kept/uploader.ts';

const output = { stdout: 'hi', stderr: '', truncated: false };
const presigned = 'https://bucket.s3.us-east-1.amazonaws.com/outputs/r/r.0.1.json?X-Amz-Signature=1';

function uploaderThatGets(statusOf: (url: string) => number): { readonly uploader: Uploader; readonly urls: string[] } {
  const urls: string[] = [];
  const transport: Transport = {
    sync: () => Promise.reject(new Error('not here')),
    secrets: () => Promise.reject(new Error('not here')),
    credentials: () => Promise.reject(new Error('not here')),
    imageLogin: () => Promise.reject(new Error('not here')),
    inputs: () => Promise.reject(new Error('not here')),
    offerArtifacts: () => Promise.reject(new Error('not here')),
    keepArtifacts: () => Promise.reject(new Error('not here')),
    putFile: () => Promise.reject(new Error('not here')),
    download: () => Promise.reject(new Error('not here')),
    listen: () => Promise.reject(new Error('not here')),
    upload: async (url) => {
      urls.push(url);
      const status = statusOf(url);
      if (status >= 300) throw new TransportError(`answered ${String(status)}`, status < 500, { status });
    },
  };
  let mark = 0;
  return {
    uploader: new Uploader(
      transport,
      { mark: () => String((mark += 1)), read: () => output },
      () => 0,
      () => undefined,
    ),
    urls,
  };
}

describe('a small output', () => {
  test('is answered to go with the end, and sent nowhere; what is longer is sent', async () => {
    const { uploader, urls } = uploaderThatGets(() => 204);
    const bytes = JSON.stringify(output).length;
    expect(await uploader.final('r.0.1', presigned, { giveUpAtMs: 1_000, inEndBytesMax: bytes })).toEqual(output);
    expect(urls).toEqual([]);
    expect(await uploader.final('r.0.1', presigned, { giveUpAtMs: 1_000, inEndBytesMax: bytes - 1 })).toBeNull();
    expect(urls).toEqual([presigned]);
  });
});

test('an agent that has ended tries no upload again', async () => {
  const { uploader, urls } = uploaderThatGets(() => 503);
  const storing = uploader.final('r.0.1', presigned, { giveUpAtMs: Infinity, inEndBytesMax: 0 });
  uploader.stop();
  await expect(storing).rejects.toThrow('answered 503');
  expect(urls).toEqual([presigned]);
});

describe('an expired upload URL', () => {
  test('is left for the controller, which is not asked twice the wrong way', async () => {
    const { uploader, urls } = uploaderThatGets((url) => (url === presigned ? 403 : 204));
    await uploader.final('r.0.1', presigned, { giveUpAtMs: 1_000, inEndBytesMax: 0 });
    await uploader.final('r.0.1', presigned, { giveUpAtMs: 1_000, inEndBytesMax: 0 });
    expect(urls).toEqual([presigned, '/agent/v1/output/r.0.1', '/agent/v1/output/r.0.1']);
  });

  test('is told when the controller refuses as well', async () => {
    const { uploader, urls } = uploaderThatGets(() => 403);
    await expect(uploader.final('r.0.1', presigned, { giveUpAtMs: 1_000, inEndBytesMax: 0 })).rejects.toThrow(
      'answered 403',
    );
    expect(urls).toEqual([presigned, '/agent/v1/output/r.0.1']);
  });

  test('is not what other refusals are', async () => {
    const { uploader, urls } = uploaderThatGets(() => 400);
    await expect(uploader.final('r.0.1', presigned, { giveUpAtMs: 1_000, inEndBytesMax: 0 })).rejects.toThrow(
      'answered 400',
    );
    expect(urls).toEqual([presigned]);
  });
});
