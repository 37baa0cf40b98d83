// Key pairs: made here, whose private half is shown once, or brought along.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { boolean, list, oneOf, required, text } from '../../protocol/fields.ts';
import { missingParameter } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import type { KeyPair } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import type { World } from '../../world.ts';
import { makeKey, takeKey } from './key-material.ts';

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

export const keyPairActions: readonly Action[] = [
  action({
    name: 'CreateKeyPair',
    rate: 'resource-intensive',
    fields: {
      KeyName: required(text()),
      KeyType: oneOf('rsa', 'ed25519'),
      KeyFormat: oneOf('pem', 'ppk'),
      TagSpecification: tagSpecificationField,
    },
    run(world, parameters) {
      refuseDuplicate(world, parameters.KeyName);
      if (parameters.KeyFormat === 'ppk')
        throw new Ec2Error(
          'UnsupportedOperation',
          "The value 'ppk' of the parameter KeyFormat is not modelled by this simulator",
        );
      const type = parameters.KeyType ?? 'rsa';
      const made = makeKey(type);
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
        keyMaterial: made.privateKey,
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
      const taken = takeKey(Buffer.from(parameters.PublicKeyMaterial, 'base64'));
      if (!taken) throw new Ec2Error('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
      const pair = world.keyPairs.put({
        id: world.newId('key'),
        name: parameters.KeyName,
        type: taken.type,
        fingerprint: taken.fingerprint,
        publicKey: taken.publicKey,
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
