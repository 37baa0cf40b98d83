// What is generated of the clients is what the route table says now.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { contract } from '../../scripts/clients/contract.ts';
import { clientFiles } from '../../scripts/clients/files.ts';
import { routes } from '../../lib/api/routes.ts';

test('the generated files are as the route table (node scripts/enter.mjs scripts/clients/main.ts)', async () => {
  for (const [path, text] of await clientFiles())
    expect([path, readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8') === text]).toEqual([path, true]);
});

test('every operation is there', () => {
  expect(
    contract()
      .operations.map((one) => one.id)
      .sort(),
  ).toEqual(Object.keys(routes).sort());
});
