// The figures of a back-test for people: one table of the variants, and what is to be known of the trace.
import type { PoolShadow } from '../../core/costs/shadow/figures.ts';
import type { CostParts } from '../measure/node-costs.ts';
import { caveatsOf, comparisonOf, costText } from '../report/comparison.ts';
import { boundOf, lossesOf, regretsOf } from '../report/losses.ts';
import { leftText, longestLabels, mostCalls } from '../report/most.ts';
import type { VariantResult } from '../results.ts';
import type { Trace } from '../traces/trace.ts';

const partNames: Readonly<Record<keyof CostParts, string>> = {
  work: 'work',
  restarted: 'work that was restarted',
  stranded: 'stranded beside work',
  idle: 'idle',
  boot: 'boot',
  billing: 'minimum billing',
  credits: 'CPU credits',
  volumes: 'root volumes',
};

type Row = readonly [title: string, of: (result: VariantResult) => string];

const rows: readonly Row[] = [
  ['cost, USD', (one) => costText(one, usd(one.cost.total))],
  ...(Object.keys(partNames) as (keyof CostParts)[]).map((part): Row => [
    `  ${partNames[part]}`,
    (one) => `${usd(one.cost[part])}  ${percent(one.cost[part], one.cost.total)}`,
  ]),
  ['  commitments, used or not', (one) => optional(one.cost.committed)],
  ['  paid for by them', (one) => optional(one.cost.covered, -1)],
  ['lower bound, USD', (one) => usd(one.boundUsd)],
  ['cost above the bound', (one) => (one.aboveBoundPercent === null ? '-' : `${one.aboveBoundPercent.toFixed(1)} %`)],
  ['time-aware oracle, USD', (one) => (one.oracle === null ? '-' : usd(one.oracle.usd))],
  [
    'cost above the oracle',
    (one) => (one.aboveOraclePercent === null ? '-' : `${one.aboveOraclePercent.toFixed(1)} %`),
  ],
  ['wait p50, s', (one) => one.waits.all.p50S.toFixed(1)],
  ['wait p95, s', (one) => one.waits.all.p95S.toFixed(1)],
  ['wait p99, s', (one) => one.waits.all.p99S.toFixed(1)],
  ['wait max, s', (one) => one.waits.all.maxS.toFixed(1)],
  ['submission to end p95, s', (one) => one.completions.p95S.toFixed(1)],
  ['vCPU used of paid', (one) => (one.utilisation === null ? '-' : percent(one.utilisation, 1))],
  ['nodes launched', (one) => String(one.nodes.launched)],
  ['stopped nodes started', (one) => String(one.nodes.started)],
  ['most nodes at once', (one) => String(one.nodes.most)],
  ['interruptions', (one) => String(one.nodes.interruptions)],
  ['moves of running tasks', (one) => String(one.tasks.moved)],
  ['deadlines missed', (one) => `${String(one.tasks.deadlinesMissed)} of ${String(one.tasks.deadlines)}`],
  ['tasks failed', (one) => String(one.tasks.failed)],
  ['refused, unfinished', (one) => `${String(one.tasks.refused)}, ${String(one.tasks.unfinished)}`],
];

/** A sentence for each of its pools that has a shadow. */
export function shadowsOf({ shadows = [] }: Pick<VariantResult, 'shadows'>): readonly string[] {
  const wait = (side: PoolShadow['figures']['live']): string =>
    side.waits === null ? 'no wait' : `a mean wait of ${(side.waits.meanMs / 1000).toFixed(1)} s`;
  return shadows.map(
    ({ pool, figures: { live, shadow, stopped } }) =>
      `the shadow of pool ${pool} would have cost ${usd(shadow.usd)} USD with ${wait(shadow)} for a node, where the `
      + `pool cost ${usd(live.usd)} USD with ${wait(live)}${stopped === null ? '' : `; it stopped: ${stopped.reason}`}`,
  );
}

export function textOf(trace: Trace, results: readonly VariantResult[]): string {
  const tasks = trace.tasks.reduce((sum, task) => sum + task.count, 0);
  const notes = results.flatMap((one) =>
    one.refusals.slice(0, 3).map(({ line, reason }) => `${one.name} refused ${trace.unit} ${String(line)}: ${reason}`),
  );
  const figures = rows.map(([title, of]) => [title, ...results.map(of)]);
  // Lines of what nobody has are left out.
  const cells = [
    ['', ...results.map((one) => one.name)],
    ...figures.filter((line) => line.slice(1).some((it) => it !== '')),
  ];
  const settings = results.flatMap((one) =>
    one.settings === null
      ? []
      : [
          `${one.name}: best of ${String(one.tried?.length ?? 0)} settings, `
            + Object.entries(one.settings)
              .map(([name, value]) => `${name} ${String(value)}`)
              .join(', '),
        ],
  );
  const lost = results
    .filter((one) => one.kind === 'pool')
    .flatMap((one) =>
      [
        ...lossesOf(one),
        ...regretsOf(one).map((sentence) => `in hindsight ${sentence}`),
        ...boundOf(one),
        ...shadowsOf(one),
      ].map((sentence) => `${one.name}: ${sentence}`),
    );
  const paragraphs = [
    [`${String(tasks)} tasks`],
    table(cells),
    comparisonOf(results).sentences,
    labelLines(results),
    callLines(results),
    [...lost, ...settings, ...notes],
    caveatsOf(results),
  ];
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function labelLines(results: readonly VariantResult[]): readonly string[] {
  const labels = longestLabels(results);
  const cells = labels.names.map((label) => [
    label,
    ...results.map(({ waits }) => {
      const { p50S, p95S, maxS } = waits.byLabel[label] ?? {};
      return [p50S, p95S, maxS].map((seconds) => seconds?.toFixed(1) ?? '-').join(' / ');
    }),
  ]);
  return listed('waits by label, s: p50 / p95 / max', results, cells, leftText(labels, 'Labels'));
}

/** Baselines call nobody. */
function callLines(results: readonly VariantResult[]): readonly string[] {
  const pools = results.filter((one) => one.kind === 'pool');
  const calls = mostCalls(pools);
  const cells = calls.names.map((name) => [name, ...pools.map((one) => String(one.calls[name] ?? 0))]);
  return listed('calls to EC2', pools, cells, leftText(calls, 'Calls'));
}

function listed(
  title: string,
  results: readonly VariantResult[],
  cells: readonly (readonly string[])[],
  left: string | null,
): readonly string[] {
  if (cells.length === 0) return [];
  return [...table([[title, ...results.map((one) => one.name)], ...cells]), ...(left === null ? [] : [left])];
}

/** What of the trace was not read. */
export function wrongLinesText(trace: Trace): readonly string[] {
  if (trace.wrongCount === 0) return [];
  const more = trace.wrongCount - trace.wrong.length;
  return [
    `${String(trace.wrongCount)} of ${String(trace.lines)} ${trace.unit}s are wrong and left out:`,
    ...trace.wrong.map(({ line, reason }) => `  ${trace.unit} ${String(line)}: ${reason}`),
    ...(more > 0 ? [`  and ${String(more)} more`] : []),
  ];
}

function table(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd(),
  );
}

/** '': there is none. */
function optional(value: number | undefined, sign = 1): string {
  return value === undefined ? '' : usd(sign * value);
}

function usd(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 4 : 2);
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '-';
}
