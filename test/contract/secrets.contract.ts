// What every place of secrets has to do, whatever it is: one suite for all of them.
import { expect, test } from '@jest/globals';
import { SecretUnreadableError } from '../../lib/ports/access/secrets.ts';
import type { Secrets } from '../../lib/ports/access/secrets.ts';

export interface SecretPlace {
  readonly secrets: Secrets;
  /** Keeps a value there, and answers the reference to it. */
  readonly keep: (name: string, value: string) => Promise<string>;
  /** The reference to one that is not there. */
  readonly missing: string;
  /** References that the place refuses to this caller, or that lead elsewhere. */
  readonly denied: readonly string[];
  /** Keeps an object with these fields, and answers the reference to it. Where absent, one that is JSON is kept. */
  readonly keepFields?: (name: string, fields: Readonly<Record<string, string>>) => Promise<string>;
}

const planted = 'planted-9c41e8';

export function describeSecrets(open: () => SecretPlace): void {
  const problemOf = async (secrets: Secrets, from: string): Promise<SecretUnreadableError> => {
    const error: unknown = await secrets.read(from).catch((thrown: unknown) => thrown);
    if (!(error instanceof SecretUnreadableError)) throw new Error(`${from} answered ${String(error)}`);
    expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toContain(planted);
    expect(error.message).toContain(from);
    expect(error.cause).toBeUndefined();
    return error;
  };

  test('a value is read as it was kept, and as it is now', async () => {
    const { secrets, keep } = open();
    const from = await keep('plain', ' a "b" \n€ ');
    expect(await secrets.read(from)).toBe(' a "b" \n€ ');
    await keep('plain', planted);
    expect(await secrets.read(from)).toBe(planted);
  });

  test('a field of an object is read by its key', async () => {
    const { secrets, keep, keepFields } = open();
    const fields = { user: 'shop', password: planted };
    const from = await (keepFields?.('fields', fields) ?? keep('fields', JSON.stringify(fields)));
    expect(await secrets.read(`${from}#password`)).toBe(planted);
    expect(await problemOf(secrets, `${from}#pin`)).toMatchObject({ problem: 'missing' });
  });

  test('a key of what is no object is an error without its text', async () => {
    const { secrets, keep, keepFields } = open();
    if (keepFields !== undefined) return; // every secret is an object there
    const from = await keep('text', planted);
    expect(await problemOf(secrets, `${from}#user`)).toMatchObject({ problem: 'malformed' });
  });

  test('what is not there is named', async () => {
    const { secrets, missing } = open();
    expect(await problemOf(secrets, missing)).toMatchObject({ problem: 'missing' });
  });

  test('what it may not read is named', async () => {
    const { secrets, denied } = open();
    for (const from of denied) expect(await problemOf(secrets, from)).toMatchObject({ problem: 'denied' });
  });

  test('what is too long is refused, not cut', async () => {
    const { secrets, keep, keepFields } = open();
    const long = planted.repeat(5_000);
    const from = await (keepFields?.('long', { a: long }) ?? keep('long', long));
    expect(await problemOf(secrets, keepFields === undefined ? from : `${from}#a`)).toMatchObject({
      problem: 'malformed',
    });
  });
}
