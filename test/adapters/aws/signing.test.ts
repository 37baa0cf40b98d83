// Our signatures are AWS's: the example of the S3 documentation, and the SDK's own signer on the same calls.
import { expect, test } from '@jest/globals';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { presignUrl, signHeaders } from '../../../lib/adapters/aws/signing.ts';

const temporary = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'a/token+of=a=role',
};

test('the presigned URL of the S3 documentation', () => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const url = presignUrl(
    { method: 'GET', url: new URL('https://examplebucket.s3.amazonaws.com/test.txt') },
    { service: 's3', region: 'us-east-1' },
    credentials,
    Date.UTC(2013, 4, 24),
    86_400,
  );
  expect(url.searchParams.get('X-Amz-Signature')).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

test('a presigned upload is signed as the SDK signs it, blanks and odd characters in the key included', async () => {
  const client = new S3Client({ region: 'eu-central-1', credentials: temporary });
  const signedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const Key of ['outputs/r-1/r-1.0.1.json', "a b/c'(d)*!+é.json"]) {
    const command = new PutObjectCommand({ Bucket: 'bellows-outputs', Key, ContentType: 'application/json' });
    const theirs = new URL(
      await getSignedUrl(client, command, {
        expiresIn: 900,
        signingDate: new Date(signedAtMs),
        signableHeaders: new Set(['content-type', 'host']),
      }),
    );
    // The same call with the parameters that the SDK adds of its own, so that the signatures can be compared.
    const bare = new URL(theirs.origin + theirs.pathname);
    for (const [name, value] of theirs.searchParams) if (!name.startsWith('X-Amz-')) bare.searchParams.set(name, value);
    for (const name of ['X-Amz-Content-Sha256']) bare.searchParams.set(name, theirs.searchParams.get(name) ?? '');
    const headers = theirs.searchParams.get('X-Amz-SignedHeaders')?.includes('content-type')
      ? { 'content-type': 'application/json' }
      : {};
    const ours = presignUrl(
      { method: 'PUT', url: bare, headers },
      { service: 's3', region: 'eu-central-1' },
      temporary,
      signedAtMs,
      900,
    );
    expect(Object.fromEntries([...ours.searchParams].sort())).toEqual(
      Object.fromEntries([...theirs.searchParams].sort()),
    );
  }
});

test('a signed DynamoDB call carries the authorization that the SDK computes', async () => {
  let sent: { headers: Record<string, string>; body: string } | undefined;
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: temporary,
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { headers: Record<string, string>; body: string }) => {
        sent = request;
        throw new Error('far enough');
      },
    },
  });
  await expect(client.send(new PutItemCommand({ TableName: 't', Item: { pk: { S: 'é' } } }))).rejects.toThrow(
    'far enough',
  );
  if (!sent) throw new Error('the SDK sent nothing');
  const {
    authorization = '',
    host: _host,
    'x-amz-date': date = '',
    'x-amz-security-token': _token,
    ...headers
  } = sent.headers;
  const signedNames = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const signedHeaders = Object.fromEntries(Object.entries(headers).filter(([name]) => signedNames.includes(name)));
  const nowMs = Date.parse(date.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
  const url = new URL(`https://${sent.headers['host'] ?? ''}/`);
  const ours = signHeaders(
    { method: 'POST', url, headers: signedHeaders, body: sent.body },
    { service: 'dynamodb', region: 'us-east-1' },
    temporary,
    nowMs,
  );
  expect(ours['authorization']).toBe(authorization);
});
