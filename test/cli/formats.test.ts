// How things are printed: for terminals, for programs, again and again; and errors for programs.
import { commitmentTexts, ownPriceText } from '../../cli/commands/figures/paid.ts';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { coloured } from '../../cli/printing/colours.ts';
import { csv } from '../../cli/printing/csv.ts';
import { table, usd } from '../../cli/text.ts';
import { CliBench } from './bench.ts';

const bench = CliBench.forTests();

beforeEach(async () => {
  await bench.run(['run', '--name', 'nightly', '--', 'true']);
  await bench.run(['run', '--', 'false']);
  bench.fake.end('r2', 1);
  bench.fake.change('r2', {
    reason: 'exit code 1: by convention, "nothing" known, of what went wrong in this long story',
  });
});

describe('-o', () => {
  test('json is --json, yaml says the same, and csv has a row for each', async () => {
    const json = await bench.run(['requests', '-o', 'json']);
    expect(await bench.run(['requests', '--json'])).toEqual(json);
    const yaml = await bench.run(['requests', '-o', 'yaml']);
    expect([yaml.exit, yaml.err, parse(yaml.out)]).toEqual([0, '', JSON.parse(json.out)]);
    const rows = (await bench.run(['requests', '-o', 'csv'])).out.trimEnd().split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^id,type,name,pool,/);
    expect(rows[0]).toContain(',counts.failed,');
    expect(rows[2]).toContain('"exit code 1: by convention, ""nothing"" known, of what went wrong in this long story"');
    const one = (await bench.run(['show', 'r2', '-o', 'csv'])).out.trimEnd().split('\n');
    expect(one).toHaveLength(2);
    expect((await bench.run(['requests', '-o', 'xml'])).exit).toBe(2);
  });

  test('table fits the terminal, wide and what goes elsewhere do not', async () => {
    const widths = async (args: readonly string[], columns?: number): Promise<number> =>
      Math.max(...(await bench.run(args, { columns })).out.split('\n').map((line) => line.length));
    expect(await widths(['requests'], 70)).toBe(70);
    const whole = await widths(['requests']);
    expect(whole).toBeGreaterThan(100);
    expect(await widths(['requests', '-o', 'wide'], 70)).toBe(whole + '<$0.0001  '.length);
    expect(table(['A', 'B'], [['1', 'abc']], 5)).toBe('A  B\n1  a…');
  });

  test('states have colours on a terminal, in nothing for programs, and no width of their own', async () => {
    const plain = await bench.run(['requests'], { columns: 70 });
    const { out } = await bench.run(['requests'], { columns: 70, hasColours: true });
    expect(out).toContain('\u001b[33mpending\u001b[0m');
    expect(out).toContain('\u001b[31mfailed\u001b[0m');
    expect(stripVTControlCharacters(out)).toBe(plain.out);
    for (const format of ['json', 'yaml', 'csv'])
      expect((await bench.run(['requests', '-o', format], { hasColours: true })).out).not.toContain('\u001b');
    expect(coloured('a name that failed  x')).toBe('a name that failed  x');
  });

  test('csv of odd values is read back as they were, and no cell is a formula', () => {
    const odd = { a: 'x"y', b: 'two\nlines', c: null, d: [1, 2], e: { f: true }, g: [{ h: 1 }], i: '=1+1', j: '-5' };
    expect(csv({ items: [odd, { a: 'z', k: 1 }] })).toBe(
      'a,b,c,d,e.f,g,i,j,k\n"x""y","two\nlines",,1 2,true,"[{""h"":1}]",\'=1+1,-5,\nz,,,,,,,,1',
    );
    expect(csv({ items: [] })).toBe('');
  });
});

describe('--watch', () => {
  test('shows it again, on a terminal in the same place, until something ends it', async () => {
    const onSleep = async (turn: number): Promise<void> => {
      if (turn === 0) bench.fake.end('r1', 0);
      if (turn === 1) await bench.stop();
    };
    const ran = await bench.run(['requests', '--watch'], { columns: 200, onSleep });
    expect(ran.exit).toBe(3);
    expect(ran.out.split('\u001b[H\u001b[2J').map((screen) => /r1 .*? (pending|succeeded)/.exec(screen)?.[1])).toEqual([
      'pending',
      'succeeded',
      undefined,
    ]);
  });
});

describe('errors', () => {
  test('are JSON where the output is', async () => {
    const refused = await bench.run(['show', 'r9', '--json']);
    expect([refused.exit, refused.out, JSON.parse(refused.err)]).toMatchObject([
      4,
      '',
      { error: { exit: 4, message: expect.stringContaining('not_found (404)'), problem: { code: 'not_found' } } },
    ]);
    const usage = await bench.run(['requests', '--since', 'x', '-o', 'yaml']);
    expect(JSON.parse(usage.err)).toMatchObject({ error: { exit: 2, message: '--since x is no time' } });
    expect((await bench.run(['show', 'r9'])).err).toMatch(/^bellows: not_found/);
  });
});

test.each<[number, string]>([
  [0, '$0'],
  [0.00001, '<$0.0001'],
  [0.00005, '$0.0001'],
  [0.1234, '$0.1234'],
  [12.345, '$12.35'],
])('%d USD is shown as %s: what costs something never costs nothing', (value, text) => {
  expect(usd(value)).toBe(text);
});

test('own prices and commitments in a line each', () => {
  const own = { instanceType: 'c7g.*', zone: 'us-east-1a', capacityType: 'on-demand', discountPercent: 12 } as const;
  expect(ownPriceText(own)).toBe('c7g.* on demand in us-east-1a: 12 % less');
  expect(ownPriceText({ instanceType: 'm7i.large', usdPerHour: 0.1 })).toBe('m7i.large: $0.1000/h');
  const reserved = { kind: 'reserved-instances', instanceType: 'm7i.large', count: 4 } as const;
  const plan = { kind: 'savings-plan', usdPerHour: 2, discountPercent: 40 } as const;
  const until = '2027-01-01T00:00:00.000Z';
  const from = '2026-12-01T00:00:00.000Z';
  expect(
    commitmentTexts({
      commitments: [
        { ...reserved, name: 'ri', zone: 'us-east-1a' },
        { ...reserved, name: 'old', until },
        { ...plan, name: 'sp' },
        { ...plan, name: 'new' },
        { kind: 'capacity-block', id: 'cr-1', instanceType: 'p5.48xlarge', zone: 'z', count: 2, from, until },
      ],
      commitmentUse: [
        { name: 'ri', used: 3, of: 4, meanToday: 1, ended: false },
        { name: 'old', used: 0, of: 4, meanToday: 0, ended: true },
        { name: 'sp', used: 0.5, of: 2, meanToday: 1, ended: false },
        { name: 'cr-1', used: 1, of: 2, meanToday: 1, ended: false, refused: 'EC2 refuses launches into it: no.' },
      ],
    }),
  ).toEqual([
    'ri: 4 m7i.large in us-east-1a; 3 in use (75 %), 25 % today',
    `old: 4 m7i.large, until ${until}: it has ended, and is ignored`,
    'sp: $2.00/h of any family, 40 % off; $0.5000/h in use (25 %), 50 % today',
    'new: $2.00/h of any family, 40 % off',
    `cr-1: capacity block of 2 p5.48xlarge in z, from ${from}, until ${until}; 1 in use (50 %), 50 % today. `
      + 'EC2 refuses launches into it: no.',
  ]);
});
