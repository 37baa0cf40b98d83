// Keys in the forms in which EC2 gives and takes them: private keys as PEM and OpenSSH, public ones as OpenSSH lines,
// RFC 4716 files, PEM and DER.
import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type KeyType = 'rsa' | 'ed25519';

export interface MadeKey {
  readonly privateKey: string;
  readonly fingerprint: string;
  /** One line as in authorized_keys, without a comment. */
  readonly publicKey: string;
}

export interface TakenKey {
  readonly type: KeyType;
  readonly fingerprint: string;
  readonly publicKey: string;
}

const inColons = (hex: string): string => hex.replace(/(..)(?=.)/g, '$1:');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '');

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A string of the SSH protocol (RFC 4251): its length, and it. */
const sshString = (bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes as string);
  return Buffer.concat([uint32(content.length), content]);
};

/** A positive number of the SSH protocol: a first bit of 1 would make it negative. */
const sshNumber = (bytes: Buffer): Buffer =>
  sshString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);

/** The strings that the blob is made of; null: it is no such blob. */
function sshStrings(blob: Buffer): readonly Buffer[] | null {
  const found: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return null;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return null;
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');
const unsigned = (bytes: Buffer): Buffer => (bytes[0] === 0 ? bytes.subarray(1) : bytes);

/** The public key as SSH writes it (RFC 4253, RFC 8709). */
function sshBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const part = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  return key.asymmetricKeyType === 'rsa'
    ? Buffer.concat([sshString('ssh-rsa'), sshNumber(part(jwk.e)), sshNumber(part(jwk.n))])
    : Buffer.concat([sshString('ssh-ed25519'), sshString(part(jwk.x))]);
}

function lineOf(key: KeyObject): string {
  return `ssh-${key.asymmetricKeyType ?? ''} ${sshBlob(key).toString('base64')}`;
}

/** "Verify the fingerprint of your key pair": of made RSA keys SHA-1 of the private key, of ED25519 SHA-256. */
export function makeKey(type: KeyType): MadeKey {
  if (type === 'rsa') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    return {
      privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      fingerprint: inColons(createHash('sha1').update(der).digest('hex')),
      publicKey: lineOf(publicKey),
    };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: openSshPrivateKey(privateKey, publicKey),
    fingerprint: sha256(sshBlob(publicKey)),
    publicKey: lineOf(publicKey),
  };
}

/** An ED25519 key in the form of ssh-keygen, without a passphrase (OpenSSH's PROTOCOL.key). */
function openSshPrivateKey(privateKey: KeyObject, publicKey: KeyObject): string {
  const blob = sshBlob(publicKey);
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const own = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, blob, sshString(Buffer.concat([seed, own])), sshString('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, n) => n + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    uint32(1),
    sshString(blob),
    sshString(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/**
 * A public key that somebody brought: an OpenSSH line, RFC 4716, PEM, or DER, bare or in base64. Fingerprints are as
 * "Verify the fingerprint of your key pair" computes them: of RSA the MD5 of the DER. null: it is none of these.
 */
export function takeKey(material: Buffer): TakenKey | null {
  const text = material.toString('latin1').trim();
  const key = ofOpenSsh(text) ?? ofRfc4716(text) ?? ofPem(text) ?? ofDer(material) ?? ofDer(fromBase64(text));
  const type = key?.asymmetricKeyType;
  if (!key || (type !== 'rsa' && type !== 'ed25519')) return null;
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    type,
    fingerprint: type === 'rsa' ? inColons(createHash('md5').update(der).digest('hex')) : sha256(sshBlob(key)),
    publicKey: ofOpenSsh(text) ? text : lineOf(key),
  };
}

function fromBase64(text: string): Buffer {
  return /^[A-Za-z0-9+/\s]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
}

function ofOpenSsh(text: string): KeyObject | null {
  const [, format = '', encoded = ''] = /^(ssh-(?:rsa|ed25519))\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(text) ?? [];
  const key = ofBlob(Buffer.from(encoded, 'base64'));
  return key && `ssh-${key.asymmetricKeyType ?? ''}` === format ? key : null;
}

function ofRfc4716(text: string): KeyObject | null {
  const [, body = ''] =
    /^---- BEGIN SSH2 PUBLIC KEY ----\r?\n([^]*?)\r?\n---- END SSH2 PUBLIC KEY ----$/.exec(text) ?? [];
  // Headers such as `Comment: "…"` go on in the next line after a backslash.
  const encoded = body.replace(/\\\r?\n/g, '').replace(/^[^\s:]+:.*$/gm, '');
  return ofBlob(fromBase64(encoded.trim()));
}

function ofBlob(blob: Buffer): KeyObject | null {
  const [name, first, second, ...more] = sshStrings(blob) ?? [];
  if (name?.toString() === 'ssh-rsa' && first && second && more.length === 0)
    return readKey({ kty: 'RSA', e: base64url(unsigned(first)), n: base64url(unsigned(second)) });
  if (name?.toString() === 'ssh-ed25519' && first?.length === 32 && !second)
    return readKey({ kty: 'OKP', crv: 'Ed25519', x: base64url(first) });
  return null;
}

const ofPem = (text: string): KeyObject | null =>
  /^-----BEGIN (RSA )?PUBLIC KEY-----/.test(text) ? readKey(text) : null;

const ofDer = (bytes: Buffer): KeyObject | null =>
  bytes[0] === 0x30
    ? (readKey({ key: bytes, format: 'der', type: 'spki' }) ?? readKey({ key: bytes, format: 'der', type: 'pkcs1' }))
    : null;

type Form =
  | string
  | { readonly kty: string; readonly [name: string]: string }
  | { readonly key: Buffer; readonly format: 'der'; readonly type: 'spki' | 'pkcs1' };

/** null where OpenSSL finds no key in it: what is in there came from outside. */
function readKey(form: Form): KeyObject | null {
  try {
    if (typeof form === 'string') return createPublicKey(form);
    return 'kty' in form
      ? createPublicKey({ key: { ...form }, format: 'jwk' })
      : createPublicKey({ ...form, key: form.key });
  } catch {
    return null;
  }
}
