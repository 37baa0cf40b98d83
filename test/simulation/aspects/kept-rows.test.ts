// What a round keeps of rows counts until one of them is noted to have changed: a copy that does not say so is noticed.
import { afterEach, expect, test } from '@jest/globals';
import { NamedRows } from '../../../lib/control/store/copy/named-rows.ts';
import { run } from '../../../lib/simulator/run/run.ts';

const seedsMax = 60;

const asItIs = Object.getOwnPropertyDescriptors(NamedRows.prototype);

afterEach(() => {
  Object.defineProperties(NamedRows.prototype, asItIs);
});

async function firstViolation(): Promise<string | null> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { violation } = await run({
      ...{ seed, world: 'plain' },
      tampering: { settings: (settings) => ({ ...settings, copiedFromRecords: 0, copyLifeMs: 24 * 3_600_000 }) },
    });
    if (violation === null) continue;
    console.log(`noticed after ${String(seed)} seeds by invariant ${violation.invariant}`);
    return violation.invariant;
  }
  return null;
}

test('rows that are kept though they have changed are noticed', async () => {
  NamedRows.prototype.noteRow = () => undefined;
  expect([7, 12, 14, 15, 30]).toContain(Number.parseInt((await firstViolation()) ?? '0', 10));
});

test('open requests that are left out though no document names them any more are noticed', async () => {
  NamedRows.prototype.isNamed = () => true;
  expect([7, 12, 14, 15, 30]).toContain(Number.parseInt((await firstViolation()) ?? '0', 10));
});
