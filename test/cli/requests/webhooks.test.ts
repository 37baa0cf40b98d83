// `webhook`: over the real use cases, in memory.
import { expect, test } from '@jest/globals';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

test('put prints the secret of a new one alone on stdout, and never again', async () => {
  const put = await bench.run(['webhook', 'put', 'ci', 'https://example.com/hook', '--type', 'TaskEnded']);
  expect(put).toMatchObject({ exit: 0, err: 'keep the secret: it is not shown again\n' });
  expect(put.out).toMatch(/^whsec_\S{44}\n$/);
  const again = await bench.run(['webhook', 'put', 'ci', 'https://example.com/other', '--label', 'team=a']);
  expect(again.out).toBe('webhook ci sends to https://example.com/other\n');
  const { out } = await bench.run(['webhook', 'show', 'ci']);
  expect(out).toContain('https://example.com/other');
  expect(out).toContain('team=a');
  expect(out).not.toContain('whsec_');
  expect((await bench.run(['webhook', 'list'])).out).toMatch(/ci +https:\/\/example\.com\/other +all +0/);
});

test('rotate, replay, deliveries, delete', async () => {
  await bench.run(['webhook', 'put', 'ci', 'https://example.com/hook']);
  expect((await bench.run(['webhook', 'rotate', 'ci', '--keep-hours', '1'])).out).toMatch(/^whsec_\S{44}\n$/);
  expect((await bench.run(['webhook', 'show', 'ci'])).out).toContain('the present one, one until 2026-11-22T17:00:00');
  expect((await bench.run(['webhook', 'deliveries', 'ci'])).out).toBe('all is delivered\n');
  expect((await bench.run(['webhook', 'replay', 'ci', '--dead-letters'])).out).toBe(
    'webhook ci is sent 0 dead letters again\n',
  );
  expect((await bench.run(['webhook', 'replay', 'ci', '--since', '2h'])).exit).toBe(0);
  // What is kept no longer is not promised.
  expect((await bench.run(['webhook', 'replay', 'ci', '--since', '30d'])).out).toMatch(
    /^webhook ci is sent everything since 2026-11-15T16:01:\S+Z again\n$/,
  );
  expect((await bench.run(['webhook', 'replay', 'ci'])).exit).toBe(2);
  expect((await bench.run(['webhook', 'delete', 'ci'])).out).toBe('webhook ci is deleted\n');
  expect((await bench.run(['webhook', 'list'])).out).toBe('no webhooks\n');
});

test('what is refused says why', async () => {
  const inside = await bench.run(['webhook', 'put', 'ci', 'https://10.0.0.7/hook']);
  expect(inside.exit).toBe(4);
  expect(inside.err).toContain('invalid_webhook (422): url must not be a link-local, private or reserved address');
  expect((await bench.run(['webhook', 'show', 'none'])).err).toContain('there is no webhook none of yours');
  expect((await bench.run(['webhook', 'put', 'C I', 'https://example.com/'])).err).toContain('lower-case letters');
});
