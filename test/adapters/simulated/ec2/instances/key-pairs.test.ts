// Keys in the forms in which ssh and EC2's users have them.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { CreateKeyPairCommand, DescribeKeyPairsCommand, ImportKeyPairCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, openBench } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

/** The strings of SSH's wire form, one after another. */
function strings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    found.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

async function publicKey(name: string): Promise<string> {
  const { KeyPairs } = await bench.ec2.send(new DescribeKeyPairsCommand({ KeyNames: [name], IncludePublicKey: true }));
  return given(KeyPairs?.[0]?.PublicKey);
}

test('an ED25519 key is made in the form that ssh reads, and is the half of what is described', async () => {
  const made = await bench.ec2.send(new CreateKeyPairCommand({ KeyName: 'e', KeyType: 'ed25519' }));
  const lines = given(made.KeyMaterial).trimEnd().split('\n');
  expect([lines[0], lines.at(-1)]).toEqual([
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '-----END OPENSSH PRIVATE KEY-----',
  ]);
  const whole = Buffer.from(lines.slice(1, -1).join(''), 'base64');
  expect(whole.subarray(0, 15).toString()).toBe('openssh-key-v1\0');
  const [cipher, kdf, options] = strings(whole.subarray(15, 15 + 4 + 4 + 4 + 4 + 4));
  expect([cipher, kdf, options].map(String)).toEqual(['none', 'none', '']);
  expect(whole.readUInt32BE(35)).toBe(1);
  const [blob, secret] = strings(whole.subarray(39));
  expect(given(secret).length % 8).toBe(0);
  expect(given(secret).readUInt32BE(0)).toBe(given(secret).readUInt32BE(4));
  const [name, own, both] = strings(given(secret).subarray(8));
  expect(String(name)).toBe('ssh-ed25519');
  const d = given(both).subarray(0, 32).toString('base64url');
  const key = createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', d, x: given(own).toString('base64url') },
    format: 'jwk',
  });
  const described = Buffer.from((await publicKey('e')).split(' ')[1] ?? '', 'base64');
  expect(described).toEqual(blob);
  const x = given(strings(described)[1]).toString('base64url');
  const half = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const text = Buffer.from('hello');
  expect(verify(null, text, half, sign(null, text, key))).toBe(true);
});

test('the public half of a made RSA key is what ssh calls it', async () => {
  const made = await bench.ec2.send(new CreateKeyPairCommand({ KeyName: 'r' }));
  const { n, e } = createPublicKey(given(made.KeyMaterial)).export({ format: 'jwk' });
  const [format = '', encoded = '', comment] = (await publicKey('r')).split(' ');
  expect([format, comment]).toEqual(['ssh-rsa', 'r']);
  const [name, exponent, modulus] = strings(Buffer.from(encoded, 'base64'));
  expect(String(name)).toBe('ssh-rsa');
  expect(given(exponent).toString('base64url')).toBe(e);
  expect(given(modulus)[0]).toBe(0);
  expect(given(modulus).subarray(1).toString('base64url')).toBe(n);
});

describe('a key is taken as', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const der = pair.export({ type: 'spki', format: 'der' });
  const fingerprint = given(createHash('md5').update(der).digest('hex').match(/../g)).join(':');
  const { n = '', e = '' } = pair.export({ format: 'jwk' });
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([
    part(Buffer.from('ssh-rsa')),
    part(Buffer.from(e, 'base64url')),
    part(Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')])),
  ]).toString('base64');
  const rfc4716 =
    '---- BEGIN SSH2 PUBLIC KEY ----\nComment: "a key of \\\nsomebody"\n'
    + `${given(blob.match(/.{1,70}/g)).join('\n')}\n---- END SSH2 PUBLIC KEY ----\n`;

  test.each([
    ['a line of OpenSSH', Buffer.from(`ssh-rsa ${blob} me@here\n`)],
    ['RFC 4716', Buffer.from(rfc4716)],
    ['PEM', Buffer.from(pair.export({ type: 'spki', format: 'pem' }))],
    ['DER', der],
    ['DER in base64', Buffer.from(der.toString('base64'))],
    ['DER of PKCS#1', pair.export({ type: 'pkcs1', format: 'der' })],
  ])('%s', async (_form, material) => {
    const { KeyFingerprint } = await bench.ec2.send(
      new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial: material }),
    );
    expect(KeyFingerprint).toBe(fingerprint);
    expect(await publicKey('k')).toContain(`ssh-rsa ${blob}`);
  });

  test.each([
    ['nonsense', Buffer.from('nonsense')],
    ['a line that is cut off', Buffer.from(`ssh-rsa ${blob.slice(0, 100)}`)],
    ['a key of another kind', Buffer.from(`ssh-ed25519 ${blob}`)],
    [
      'a key that EC2 does not take',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
    ],
  ])('but not %s', async (_form, material) => {
    await expect(
      bench.ec2.send(new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial: material })),
    ).rejects.toMatchObject({ name: 'InvalidKey.Format' });
  });
});
