// Key pairs: made here, whose private half is shown once, or brought along.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { Ec2Error } from '../../cloud/errors.ts';
import { action } from '../action.ts';
import type { Action } from '../action.ts';
import { boolean, list, oneOf, required, text } from '../protocol/fields.ts';
import { missingParameter } from '../protocol/fields.ts';
import { filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import type { KeyPair } from '../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../tags.ts';
import type { World } from '../world.ts';

const filters: FilterTable<KeyPair> = {
  'key-pair-id': (pair) => pair.id,
  fingerprint: (pair) => pair.fingerprint,
  'key-name': (pair) => pair.name,
};

function named(world: World, name: string): KeyPair | undefined {
  return world.keyPairs.all().find((pair) => pair.name === name);
}

function refuseDuplicate(world: World, name: string): void {
  if (name === '' || name.length > 255)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${name.slice(0, 40)}) for parameter KeyName is invalid. Length must be between 1 and 255`,
    );
  if (named(world, name)) throw new Ec2Error('InvalidKeyPair.Duplicate', `The keypair already exists`);
}

const inColons = (hex: string): string => hex.replace(/(..)(?=.)/g, '$1:');

/**
 * "Verify the fingerprint of your key pair": SHA-1 of the private key for made RSA keys, SHA-256
 * in base64 for ED25519.
 */
function make(type: 'rsa' | 'ed25519'): {
  readonly pem: string;
  readonly fingerprint: string;
  readonly publicKey: string;
} {
  if (type === 'rsa') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return {
      pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      fingerprint: inColons(
        createHash('sha1')
          .update(privateKey.export({ type: 'pkcs8', format: 'der' }))
          .digest('hex'),
      ),
      publicKey: `ssh-rsa ${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
    };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const blob = sshBlob('ssh-ed25519', raw);
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: sha256(blob),
    publicKey: `ssh-ed25519 ${blob.toString('base64')}`,
  };
}

function sshBlob(name: string, key: Buffer): Buffer {
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([part(Buffer.from(name)), part(key)]);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '');

export const keyPairActions: readonly Action[] = [
  action({
    name: 'CreateKeyPair',
    rate: 'mutating',
    fields: {
      KeyName: required(text()),
      KeyType: oneOf('rsa', 'ed25519'),
      KeyFormat: oneOf('pem', 'ppk'),
      TagSpecification: tagSpecificationField,
    },
    run(world, parameters) {
      refuseDuplicate(world, parameters.KeyName);
      if (parameters.KeyFormat === 'ppk')
        throw new Ec2Error('UnsupportedOperation', 'This simulator makes keys in PEM format only');
      const type = parameters.KeyType ?? 'rsa';
      const made = make(type);
      const pair = world.keyPairs.put({
        id: world.newId('key'),
        name: parameters.KeyName,
        type,
        fingerprint: made.fingerprint,
        publicKey: `${made.publicKey} ${parameters.KeyName}`,
        createdAtMs: world.nowMs(),
        tags: tagsOnly('key-pair', parameters.TagSpecification),
      });
      return {
        keyName: pair.name,
        keyFingerprint: pair.fingerprint,
        keyMaterial: made.pem,
        keyPairId: pair.id,
        tagSet: tagSet(pair.tags),
      };
    },
  }),
  action({
    name: 'ImportKeyPair',
    rate: 'mutating',
    fields: { KeyName: required(text()), PublicKeyMaterial: required(text()), TagSpecification: tagSpecificationField },
    run(world, parameters) {
      refuseDuplicate(world, parameters.KeyName);
      const line = Buffer.from(parameters.PublicKeyMaterial, 'base64').toString().trim();
      const [format = '', encoded = ''] = line.split(/\s+/);
      const blob = Buffer.from(encoded, 'base64');
      if ((format !== 'ssh-rsa' && format !== 'ssh-ed25519') || blob.length < 32)
        throw new Ec2Error('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
      const isRsa = format === 'ssh-rsa';
      const pair = world.keyPairs.put({
        id: world.newId('key'),
        name: parameters.KeyName,
        type: isRsa ? 'rsa' : 'ed25519',
        fingerprint: isRsa ? inColons(createHash('md5').update(blob).digest('hex')) : sha256(blob),
        publicKey: line,
        createdAtMs: world.nowMs(),
        tags: tagsOnly('key-pair', parameters.TagSpecification),
      });
      return { keyName: pair.name, keyFingerprint: pair.fingerprint, keyPairId: pair.id, tagSet: tagSet(pair.tags) };
    },
  }),
  action({
    name: 'DeleteKeyPair',
    rate: 'mutating',
    fields: { KeyName: text(), KeyPairId: text() },
    run(world, parameters) {
      if (parameters.KeyName === undefined && parameters.KeyPairId === undefined) throw missingParameter('KeyName');
      const pair =
        parameters.KeyPairId === undefined
          ? named(world, parameters.KeyName ?? '')
          : world.keyPairs.get(parameters.KeyPairId);
      // EC2 answers so for names that it does not know, too.
      if (!pair) return { return: true };
      world.keyPairs.delete(pair.id);
      return { return: true, keyPairId: pair.id };
    },
  }),
  action({
    name: 'DescribeKeyPairs',
    rate: 'non-mutating',
    filters: () => filters,
    fields: { KeyName: list(text()), KeyPairId: list(text()), IncludePublicKey: boolean(), Filter: filterField },
    run(world, parameters, call) {
      for (const name of parameters.KeyName)
        if (!named(world, name ?? ''))
          throw new Ec2Error('InvalidKeyPair.NotFound', `The key pair '${name ?? ''}' does not exist`);
      for (const id of parameters.KeyPairId)
        if (!world.keyPairs.has(id ?? ''))
          throw new Ec2Error('InvalidKeyPair.NotFound', `The key pair '${id ?? ''}' does not exist`);
      return {
        keySet: world.keyPairs
          .all()
          .filter(
            (pair) =>
              (parameters.KeyName.length === 0 || parameters.KeyName.includes(pair.name))
              && (parameters.KeyPairId.length === 0 || parameters.KeyPairId.includes(pair.id)),
          )
          .filter(call.matches)
          .map((pair) => ({
            keyPairId: pair.id,
            keyName: pair.name,
            keyType: pair.type,
            keyFingerprint: pair.fingerprint,
            createTime: new Date(pair.createdAtMs),
            publicKey: parameters.IncludePublicKey === true ? pair.publicKey : undefined,
            tagSet: tagSet(pair.tags),
          })),
      };
    },
  }),
];
