// Secrets Manager and SSM parameters, on whichever local AWS, under the suite of all places of secrets. No local AWS
// asks who reads, so what is refused is for the stand-ins of test/contract/secrets.test.ts.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { secretsManager, ssmParameters } from '../../../lib/adapters/aws/access/aws-secrets.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { secretsFrom } from '../../../lib/ports/access/secrets.ts';
import type { Secrets } from '../../../lib/ports/access/secrets.ts';
import { hangMs } from '../../hang.ts';
import { describeSecrets } from '../../contract/secrets.contract.ts';
import { byHand, clientOptions } from './place.ts';
import type { LocalPlace } from './place.ts';

/** `open` is called once it runs. */
export function describeAwsSecrets(open: () => LocalPlace): void {
  let secrets: Secrets;
  let call: (service: string, target: string, body: object) => Promise<Readonly<Record<string, unknown>>>;
  beforeAll(() => {
    const place = open();
    const { region, endpoint, credentials } = clientOptions(place);
    const options = { region, endpoint, credentials, clock: new SystemClock(), timeoutMs: hangMs };
    secrets = secretsFrom({ 'aws-secret': secretsManager(options), ssm: ssmParameters(options) });
    call = (service, target, body) => byHand(place).json(service, target, body);
  });
  const keepSecret = async (Name: string, content: object): Promise<string> => {
    const known = await call('secretsmanager', 'secretsmanager.ListSecrets', {
      Filters: [{ Key: 'name', Values: [Name] }],
    });
    const isKnown = (known['SecretList'] as readonly { readonly Name: string }[]).some((one) => one.Name === Name);
    const fresh = { ...content, ClientRequestToken: randomUUID() };
    if (isKnown) await call('secretsmanager', 'secretsmanager.PutSecretValue', { SecretId: Name, ...fresh });
    else await call('secretsmanager', 'secretsmanager.CreateSecret', { Name, ...fresh });
    return `aws-secret:${Name}`;
  };

  describe('Secrets Manager', () => {
    describeSecrets(() => ({
      secrets,
      keep: (name, value) => keepSecret(`shop/${name}`, { SecretString: value }),
      missing: 'aws-secret:shop/none',
      denied: [],
    }));

    test('a binary one is read where it is text', async () => {
      const from = await keepSecret('shop/binary', { SecretBinary: Buffer.from('grüße').toString('base64') });
      expect(await secrets.read(from)).toBe('grüße');
    });
  });

  describe('SSM parameters', () => {
    describeSecrets(() => ({
      secrets,
      keep: async (name, value) => {
        const Name = `/shop/${name}`;
        await call('ssm', 'AmazonSSM.PutParameter', { Name, Value: value, Type: 'SecureString', Overwrite: true });
        return `ssm:${Name}`;
      },
      missing: 'ssm:/shop/none',
      denied: [],
    }));
  });
}
