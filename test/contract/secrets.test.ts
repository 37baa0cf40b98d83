// All places of secrets under one suite. Secrets Manager and SSM are stand-ins, written from their documented JSON
// protocols: what they check of a call is its target, its body and that it is signed for the service.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretsManager, ssmParameters } from '../../lib/adapters/aws/secrets/aws-secrets.ts';
import { environmentSecrets, fileSecrets } from '../../lib/adapters/local/secrets.ts';
import { secretsFrom } from '../../lib/ports/access/secrets.ts';
import { describeSecrets } from './secrets.contract.ts';

describe("the server's environment", () => {
  const environment: Record<string, string> = {};
  describeSecrets(() => ({
    secrets: secretsFrom({ env: environmentSecrets(() => environment) }),
    keep: async (name, value) => {
      environment[name] = value;
      return `env:${name}`;
    },
    missing: 'env:constructor',
    denied: [],
  }));
});

describe("files of the server's", () => {
  const dir = mkdtempSync(join(tmpdir(), 'bellows-secrets-'));
  const folder = join(dir, 'secrets');
  mkdirSync(folder);
  writeFileSync(join(dir, 'outside'), 'not yours');
  symlinkSync('../outside', join(folder, 'link'));
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });
  const secrets = secretsFrom({ file: fileSecrets(folder) });
  describeSecrets(() => ({
    secrets,
    keep: async (name, value) => {
      writeFileSync(join(folder, name), value);
      return `file:${name}`;
    },
    missing: 'file:none/at/all',
    denied: ['file:link', 'file:../outside'],
  }));

  test('bytes that are no text, and folders, are no secrets', async () => {
    writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    mkdirSync(join(folder, 'folder'));
    await expect(secrets.read('file:binary')).rejects.toThrow('it is no UTF-8 text');
    await expect(secrets.read('file:folder')).rejects.toThrow('it is no plain file');
  });
});

interface Service {
  readonly name: 'secretsmanager' | 'ssm';
  readonly answer: (target: string, body: Readonly<Record<string, unknown>>) => readonly [number, object];
}

/** A stand-in for a service of AWS. */
class AwsStandIn {
  readonly #server: Server;

  constructor({ name, answer }: Service) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isSigned = request.headers.authorization?.includes(`/eu-west-1/${name}/aws4_request`) === true;
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        const [status, reply] = isSigned
          ? answer(String(request.headers['x-amz-target']), body)
          : ([403, { __type: 'MissingAuthenticationTokenException' }] as const);
        response.statusCode = status;
        response.end(JSON.stringify(reply));
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get options() {
    return {
      region: 'eu-west-1',
      credentials: () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }),
      clock: { nowMs: () => 1_800_000_000_000 },
      endpoint: `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`,
    };
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('Secrets Manager (a stand-in)', () => {
  const kept = new Map<string, object>();
  const service = new AwsStandIn({
    name: 'secretsmanager',
    answer: (target, { SecretId }) => {
      if (target !== 'secretsmanager.GetSecretValue') return [400, { __type: 'UnknownOperationException' }];
      if (SecretId === 'foreign')
        return [400, { __type: 'AccessDeniedException', Message: 'planted-9c41e8 is in no message of ours' }];
      const value = kept.get(String(SecretId));
      return value === undefined ? [400, { __type: 'ResourceNotFoundException' }] : [200, { Name: SecretId, ...value }];
    },
  });
  beforeAll(() => service.listen());
  afterAll(() => service.close());
  describeSecrets(() => ({
    secrets: secretsFrom({ 'aws-secret': secretsManager(service.options) }),
    keep: async (name, value) => {
      kept.set(name, { SecretString: value });
      return `aws-secret:${name}`;
    },
    missing: 'aws-secret:none',
    denied: ['aws-secret:foreign'],
  }));

  test('a binary one is read where it is text', async () => {
    kept.set('binary', { SecretBinary: Buffer.from('grüße').toString('base64') });
    const secrets = secretsFrom({ 'aws-secret': secretsManager(service.options) });
    expect(await secrets.read('aws-secret:binary')).toBe('grüße');
  });
});

describe('SSM parameters (a stand-in)', () => {
  const kept = new Map<string, string>();
  const service = new AwsStandIn({
    name: 'ssm',
    answer: (target, { Name, WithDecryption }) => {
      if (target !== 'AmazonSSM.GetParameter') return [400, { __type: 'UnknownOperationException' }];
      if (Name === '/foreign') return [400, { __type: 'com.amazonaws.ssm#AccessDeniedException' }];
      if (Name === '/busy') return [400, { __type: 'ThrottlingException' }];
      const value = kept.get(String(Name));
      if (value === undefined) return [400, { __type: 'ParameterNotFound' }];
      return [200, { Parameter: { Name, Value: WithDecryption === true ? value : 'encrypted' } }];
    },
  });
  beforeAll(() => service.listen());
  afterAll(() => service.close());
  describeSecrets(() => ({
    secrets: secretsFrom({ ssm: ssmParameters(service.options) }),
    keep: async (name, value) => {
      kept.set(`/${name}`, value);
      return `ssm:/${name}`;
    },
    missing: 'ssm:/none',
    denied: ['ssm:/foreign'],
  }));

  test('who asks too often, and a service that is not there, are worth another try', async () => {
    const busy = secretsFrom({ ssm: ssmParameters(service.options) });
    await expect(busy.read('ssm:/busy')).rejects.toMatchObject({ problem: 'unavailable' });
    const nobody = secretsFrom({ ssm: ssmParameters({ ...service.options, endpoint: 'http://127.0.0.1:1' }) });
    await expect(nobody.read('ssm:/a')).rejects.toMatchObject({
      problem: 'unavailable',
      message: expect.stringMatching(/^the secret ssm:\/a cannot be read: ssm: no answer \(/),
    });
  });
});
