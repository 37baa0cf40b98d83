// Traces in CSV: what is read, and that what is not is named and counted.
import { describe, expect, test } from '@jest/globals';
import { adjusted } from '../../../lib/backtest/traces/adjust.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { traceBounds } from '../../../lib/backtest/traces/trace.ts';

const head = 'submit_s,duration_s,vcpu,memory_mib,gpu';

describe('a trace in CSV', () => {
  test('says of tasks that they may be stopped', () => {
    const trace = readCsv(
      `${head},disruption\n0,1,1,1,0,restart\n0,1,1,1,0,checkpoint\n0,1,1,1,0,never\n0,1,1,1,0,\n0,1,1,1,0,often\n`,
    );
    expect(trace.tasks.map(({ disruption }) => disruption)).toEqual(['restart', 'checkpoint', undefined, undefined]);
    expect(trace.wrong).toEqual([
      { line: 6, reason: 'disruption is "often"; it must be never, restart or checkpoint' },
    ]);
  });

  test('is read with the columns that may be absent, by submission', () => {
    const trace = readCsv(
      `\uFEFF${head},count,tenant,labels,priority,deadline_s,zone,arch,capacity_type,name,group,pool,`
        + 'used_vcpu,used_memory_mib,node,node_type,node_capacity,node_usd_per_hour,started_s\r\n'
        + '20,1.5,0.25,512,0,3,anna,team=a|app=x,5,60,us-east-1a|us-east-1b,arm64,spot,'
        + '"say ""hi"", then",g,batch,0.1,,i-1,m5.large,spot,0.05,21.5\r\n'
        + '\r\n'
        + `10,0,1,1024,0${','.repeat(18)}\r\n`,
    );
    expect(trace).toMatchObject({ lines: 4, wrongCount: 0 });
    expect(trace.tasks).toEqual([
      {
        line: 4,
        submitMs: 10_000,
        durationMs: 1,
        resources: { cpuMilli: 1000, memoryMib: 1024, gpu: 0 },
        used: null,
        count: 1,
        pool: null,
        tenant: 'default',
        labels: [],
        priority: 0,
        deadlineMs: null,
        requirements: {},
        name: null,
        group: null,
        ran: null,
      },
      {
        line: 2,
        submitMs: 20_000,
        durationMs: 1_500,
        resources: { cpuMilli: 250, memoryMib: 512, gpu: 0 },
        used: { cpuMilli: 100, memoryMib: 512, gpu: 0 },
        count: 3,
        pool: 'batch',
        tenant: 'anna',
        labels: ['team=a', 'app=x'],
        priority: 5,
        deadlineMs: 60_000,
        requirements: { zone: ['us-east-1a', 'us-east-1b'], arch: ['arm64'], capacityType: ['spot'] },
        name: 'say "hi", then',
        group: 'g',
        ran: {
          node: 'i-1',
          instanceType: 'm5.large',
          zone: '',
          capacityType: 'spot',
          usdPerHour: 0.05,
          startMs: 21_500,
        },
      },
    ]);
  });

  test.each([
    ['x,1,1,512,0', 'submit_s "x" is not a decimal number'],
    ['-1,1,1,512,0', 'submit_s is -1; it must be at least 0'],
    ['1,,1,512,0', 'duration_s "" is not a decimal number'],
    ['1,1,0,512,0', 'vcpu is 0; it must be at least 0.001'],
    ['1,1,2000,512,0', 'vcpu is 2000; it must be at most 1024'],
    ['1,1,1,512,0.5', 'gpu is 0.5; it must be a whole number'],
    ['1,1,1,512', 'has 4 cells; the header names 5 columns'],
    ['1,1,0x2,512,0', 'vcpu "0x2" is not a decimal number'],
    ['1,Infinity,1,512,0', 'duration_s "Infinity" is not a decimal number'],
    ['1732700000000,1,1,512,0', 'submit_s is 1732700000000; it must be at most 316224000'],
  ])('names a wrong line and why: %s', (row, reason) => {
    const trace = readCsv(`${head}\n1,1,1,512,0\n${row}\n2,1,1,512,0\n`);
    expect(trace.tasks).toHaveLength(2);
    expect(trace).toMatchObject({ wrongCount: 1, wrong: [{ line: 3, reason }] });
  });

  test('counts all wrong lines and names the first', () => {
    const trace = readCsv(`${head}\n1,1,1,512,0\n${'nothing\n'.repeat(50)}`);
    expect(trace.wrongCount).toBe(50);
    expect(trace.wrong).toHaveLength(traceBounds.wrongShown);
  });

  test('takes decimals as spreadsheets write them', () => {
    expect(readCsv(`${head}\n1E+2,.5,1.,5.12e2,0\n`).tasks).toMatchObject([
      { submitMs: 100_000, durationMs: 500, resources: { cpuMilli: 1000, memoryMib: 512, gpu: 0 } },
    ]);
  });

  test('names a label that has no value', () => {
    const trace = readCsv(`${head},labels\n1,1,1,512,0,team=|app=x=y\n1,1,1,512,0,app=x|team\n1,1,1,512,0,=a\n`);
    expect(trace.tasks.map((one) => one.labels)).toEqual([['team=', 'app=x=y']]);
    expect(trace.wrong).toEqual([
      { line: 3, reason: 'labels has "team"; each must be like team=a' },
      { line: 4, reason: 'labels has "=a"; each must be like team=a' },
    ]);
  });

  test('names a requirement that nobody has', () => {
    const trace = readCsv(`${head},arch\n1,1,1,512,0,amd64\n1,1,1,512,0,sparc\n`);
    expect(trace.wrong).toEqual([{ line: 3, reason: 'arch.0 must be "amd64" or "arm64"' }]);
  });

  test.each([
    ['', 'the trace is empty'],
    ['submit_s,vcpu\n1,1\n', 'the header lacks duration_s, memory_mib, gpu'],
    [`${head},colour\n`, 'unknown columns: colour'],
    [`${head},gpu\n`, 'names a column twice'],
    [`${head}\n`, 'no task that can be read'],
    [`${head}\nx,1,1,1,0\n`, 'line 2: submit_s "x" is not a decimal number'],
  ])('that cannot be used at all is refused: %j', (text, message) => {
    expect(() => readCsv(text)).toThrow(message);
  });
});

describe('a part of a trace, or more of it', () => {
  const trace = readCsv(`${head}\n${Array.from({ length: 1000 }, (_, at) => `${String(at)},1,1,512,0`).join('\n')}\n`);

  test('begins and ends where it is told to', () => {
    const { tasks } = adjusted(trace, { fromMs: 100_000, toMs: 110_000 });
    expect(tasks.map((task) => task.submitMs / 1000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(() => adjusted(trace, { fromMs: 1_000_000 })).toThrow('no task of the trace is left');
  });

  test('has as much demand as is asked for, the same each time', () => {
    const more = adjusted(trace, { scaleDemand: 2.5 });
    expect(more.tasks.length).toBeGreaterThan(2400);
    expect(more.tasks.length).toBeLessThan(2600);
    expect(adjusted(trace, { scaleDemand: 2.5 })).toEqual(more);
    expect(adjusted(trace, { scaleDemand: 0.1 }).tasks.length).toBeLessThan(150);
    expect(() => adjusted(trace, { scaleDemand: 10_000 })).toThrow('lower --scale-demand');
  });
});
