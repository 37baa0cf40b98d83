// How the agent asks the metadata service: a small one of our own answers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { Metadata } from '../../../agent/metadata.ts';

test('a token that the service does not take any more is renewed, whatever our clock says of it', async () => {
  let tokens = 0;
  let isTaken = true;
  const server = createServer((request, response) => {
    if (request.method === 'PUT') {
      tokens += 1;
      isTaken = true;
      response.end(`token-${String(tokens)}`);
      return;
    }
    const isIts = isTaken && request.headers['x-aws-ec2-metadata-token'] === `token-${String(tokens)}`;
    response.statusCode = isIts ? 200 : 401;
    response.end('i-1');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const metadata = new Metadata({ endpoint, nowMs: () => 1_000_000 });
  try {
    expect(await metadata.text('instance-id')).toBe('i-1');
    isTaken = false;
    expect(await metadata.text('instance-id')).toBe('i-1');
    expect(tokens).toBe(2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
