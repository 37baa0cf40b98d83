// What an error of the agent's calls says: never the query of a presigned URL, which is a key to what it names.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { HttpTransport } from '../../agent/transport.ts';

const query = '?X-Amz-Credential=AKIAEXAMPLE%2F20270115&X-Amz-Security-Token=token&X-Amz-Signature=signature';

async function refusing(status: number, body: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.close();
    },
  };
}

const transport = (): HttpTransport => new HttpTransport(() => 'http://127.0.0.1:9', {});
const output = { stdout: '', stderr: '', truncated: false };
const failing = async (url: string): Promise<string> =>
  transport()
    .upload(url, output, 2_000)
    .then(
      () => 'no error',
      (error: unknown) => String((error as Error).message),
    );

test('an upload without an answer names origin and path alone', async () => {
  const message = await failing(`http://127.0.0.1:1/outputs/a.0.1${query}`);
  expect(message).toMatch(/^PUT http:\/\/127\.0\.0\.1:1\/outputs\/a\.0\.1 got no answer/);
  expect(message).not.toMatch(/X-Amz-|AKIAEXAMPLE|signature|token/i);
});

test.each([
  '<Error><Code>SignatureDoesNotMatch</Code><Message>The signature we calculated does not '
    + 'match</Message><AWSAccessKeyId>AKIAEXAMPLE</AWSAccessKeyId><SignatureProvided>signature</SignatureProvided>'
    + '<StringToSign>X-Amz-Credential</StringToSign></Error>',
  `<html>proxy: ${query}</html>`,
])('a refusal by the store says its code, and repeats nothing of what was sent (%#)', async (body) => {
  const store = await refusing(403, body);
  try {
    const message = await failing(`${store.url}/outputs/a.0.1${query}`);
    expect(message).toMatch(/answered 403: (SignatureDoesNotMatch|\(an answer)/);
    expect(message.replace('The signature we calculated does not match', '')).not.toMatch(
      /X-Amz-|AKIAEXAMPLE|=signature|>signature|=token/,
    );
  } finally {
    store.close();
  }
});
