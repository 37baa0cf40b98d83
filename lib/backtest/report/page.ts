// The report as one page that needs nothing else: no network, light and dark, for paper too. Behind each plot stands a
// table with its figures.
import type { CostParts } from '../measure/node-costs.ts';
import type { VariantResult } from '../results.ts';
import type { TraceSummary } from '../traces/summary.ts';
import { regretParts } from '../../core/costs/regret/regret.ts';
import type { Regret } from '../../core/costs/regret/regret.ts';
import { caveatsOf, comparisonOf, costText, isRecorded } from './comparison.ts';
import { boundOf, lossesOf, regretsOf } from './losses.ts';
import { leftText, longestLabels, mostCalls } from './most.ts';
import { barPlot, escaped, linePlot, pointPlot, short } from './plots.ts';
import type { Across, Bar, Line } from './plots.ts';
import { style } from './style.ts';
import { drawing, uplotFile, uplotFiles } from './uplot.ts';

/** A report that is larger is not written: it could not be sent on. */
export const reportBytesMax = 2_000_000;

const partNames: Readonly<Record<keyof CostParts, string>> = {
  work: 'work',
  restarted: 'restarted',
  stranded: 'stranded',
  idle: 'idle',
  boot: 'boot',
  billing: 'billing',
  credits: 'credits',
  volumes: 'root volumes',
};
const parts = Object.keys(partNames) as (keyof CostParts)[];

export interface ReportInput {
  readonly title: string;
  readonly trace: TraceSummary;
  readonly results: readonly VariantResult[];
}

/** @throws RangeError for one that would be too large */
export function reportPage({ title, trace, results }: ReportInput): string {
  const page = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<style>${uplotFile(uplotFiles.style)}${style}</style></head><body><main><h1>${escaped(title)}</h1>`,
    summaryText(trace),
    ...comparisonOf(results).sentences.map((text) => `<p><strong>${escaped(text)}</strong></p>`),
    variantsTable(results),
    ...caveatsOf(results).map((text) => `<p>${escaped(text)}</p>`),
    pointPlot(
      'Cost and wait',
      's, wait p95',
      'USD',
      results.map((one) => ({ name: plotName(one), x: one.waits.all.p95S, y: one.cost.total })),
    ),
    '<h2>What the money was paid for</h2>',
    barPlot('Cost', 'USD', results.map(barOf)),
    costTable(results),
    ...results.map(lossesText),
    regretTable(results),
    '<h2>Over time</h2>',
    '<p>Drag over a plot to look closer, click twice to go back; a click on a name hides its line.</p>',
    '<noscript><p>Lines need JavaScript; their figures are in the tables.</p></noscript>',
    costOverTime(results),
    ...results.map(capacityOverTime),
    ...results.map(changesOverTime),
    '<h2>Waits and fleets</h2>',
    linePlot(
      'Waits: so many tasks waited at most so long',
      's',
      { first: 0, step: 1, unit: '%' },
      results.map(({ name, waits }) => ({ name, values: waits.curveS })),
    ),
    waitsTable(results),
    labelsTable(results),
    fleetsPlot(results),
    ...results.map(fleetTable),
    callsTable(results),
    `</main><script>${uplotFile(uplotFiles.script)}</script><script>${drawing}</script></body></html>\n`,
  ].join('\n');
  const bytes = Buffer.byteLength(page);
  if (bytes > reportBytesMax)
    throw new RangeError(
      `the report would have ${String(bytes)} bytes, over ${String(reportBytesMax)}; run fewer variants at once`,
    );
  return page;
}

function summaryText(trace: TraceSummary): string {
  return (
    `<p>${String(trace.tasks)} tasks of ${String(trace.tenants)} tenants in ${trace.hours.toFixed(1)} hours; durations `
    + `p50 ${short(trace.duration.p50S)} s, p95 ${short(trace.duration.p95S)} s; ${short(trace.vcpuHours)} vCPU hours `
    + `asked for, ${short(trace.most.vcpu)} vCPU at once at most if nothing waited. ${String(trace.wrongCount)} of `
    + `${String(trace.lines)} ${trace.unit}s were wrong and left out.</p>`
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[], best?: number): string {
  const cell = (text: string, at: number): string =>
    at === 0 ? `<th scope="row">${escaped(text)}</th>` : `<td>${escaped(text)}</td>`;
  return (
    `<div class="scroll"><table><thead><tr>${head.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')}</tr>`
    + `</thead><tbody>${rows
      .map((row, at) => `<tr${at === best ? ' class="best"' : ''}>${row.map(cell).join('')}</tr>`)
      .join('')}</tbody></table></div>`
  );
}

function behind(title: string, content: string): string {
  return `<details><summary>${escaped(title)}</summary>${content}</details>`;
}

function variantsTable(results: readonly VariantResult[]): string {
  const { cheapest } = comparisonOf(results);
  return table(
    [
      'variant',
      'USD',
      'above bound',
      'above oracle',
      'wait p50',
      'p95',
      'max',
      'vCPU used',
      'launches',
      'interruptions',
      'moves',
      'not run',
    ],
    results.map((one) => [
      `${one.name}${one.name === cheapest ? ' (cheapest)' : ''}`,
      costText(one, short(one.cost.total)),
      one.aboveBoundPercent === null ? '-' : `${one.aboveBoundPercent.toFixed(1)} %`,
      one.aboveOraclePercent === null ? '-' : `${one.aboveOraclePercent.toFixed(1)} %`,
      `${short(one.waits.all.p50S)} s`,
      `${short(one.waits.all.p95S)} s`,
      `${short(one.waits.all.maxS)} s`,
      one.utilisation === null ? '-' : `${(100 * one.utilisation).toFixed(0)} %`,
      String(one.nodes.launched),
      String(one.nodes.interruptions),
      String(one.tasks.moved),
      String(one.tasks.submitted - one.tasks.ran),
    ]),
    results.findIndex((one) => one.name === cheapest),
  );
}

/** What is to be known of its cost, where a name is all that there is room for. */
function plotName(one: VariantResult): string {
  const { ran, submitted } = one.tasks;
  if (isRecorded(one)) return `${one.name} (at least)`;
  return ran === submitted ? one.name : `${one.name} (ran ${String(ran)} of ${String(submitted)})`;
}

function barOf(one: VariantResult): Bar {
  return { name: plotName(one), parts: parts.map((part) => ({ name: partNames[part], value: one.cost[part] })) };
}

function costTable(results: readonly VariantResult[]): string {
  const isAnyPaid = results.some((one) => one.cost.committed !== undefined);
  const paid = isAnyPaid ? ['commitments, used or not', 'paid for by them'] : [];
  return behind(
    'Figures of the cost',
    table(
      ['variant', ...parts.map((part) => partNames[part]), ...paid, 'total', 'lower bound', 'oracle'],
      results.map((one) => [
        one.name,
        ...parts.map((part) => short(one.cost[part])),
        ...(paid.length === 0 ? [] : [short(one.cost.committed ?? 0), short(-(one.cost.covered ?? 0))]),
        costText(one, short(one.cost.total)),
        short(one.boundUsd),
        one.oracle === null ? '-' : short(one.oracle.usd),
      ]),
    ),
  );
}

function lossesText(one: VariantResult): string {
  const sentences = lossesOf(one);
  const settings =
    one.settings === null
      ? ''
      : `<p>Best of ${String(one.tried?.length ?? 0)} settings: ${escaped(
          Object.entries(one.settings)
            .map(([name, value]) => `${name} ${String(value)}`)
            .join(', '),
        )}.</p>`;
  const list =
    sentences.length === 0 ? '' : `<ul>${sentences.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
  const regrets = regretsOf(one);
  const hindsight =
    regrets.length === 0
      ? ''
      : `<p>In hindsight, node by node:</p><ul>${regrets.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
  const bounds = boundOf(one);
  const bound =
    bounds.length === 0
      ? ''
      : `<p>What bound:</p><ul>${bounds.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
  return `<h3>${escaped(one.name)}</h3>${settings}${list}${hindsight}${bound}`;
}

const regretNames: Readonly<Record<keyof Regret, string>> = {
  paid: 'paid',
  boot: 'boot',
  unused: 'nothing ran',
  idleHead: 'idle before',
  idleTail: 'idle after',
  size: 'wrong size',
  lifetime: 'wrong lifetime',
  request: 'over-asked',
  billing: 'billing',
  needed: 'best node',
};

function regretTable(results: readonly VariantResult[]): string {
  const names = ['paid', ...regretParts] as const;
  return behind(
    'Nodes priced again in hindsight, USD',
    table(
      ['variant', ...names.map((name) => regretNames[name])],
      results.map(({ name, regret }) => [name, ...names.map((part) => short(regret[part]))]),
    ),
  );
}

function costOverTime(results: readonly VariantResult[]): string {
  const intervalS = results[0]?.series.intervalS ?? 1;
  const bound = results[0]?.series.boundUsdPerHour ?? [];
  const oracle = results[0]?.oracle ?? null;
  const lines: readonly Line[] = [
    ...results.map((one) => ({ name: one.name, values: one.series.usdPerHour })),
    { name: 'lower bound', values: bound, isDashed: true },
    ...(oracle === null ? [] : [{ name: 'time-aware oracle', values: oracle.usdPerHour, isDashed: true }]),
  ];
  return (
    linePlot('Cost over time', 'USD/h', overHours(intervalS), lines)
    + seriesTable('Figures of cost over time', intervalS, lines)
  );
}

function capacityOverTime({ name, series }: VariantResult): string {
  const lines: readonly Line[] = [
    { name: 'vCPU of nodes', values: series.vcpu },
    { name: 'vCPU that running tasks asked for', values: series.busyVcpu },
    { name: 'waiting tasks', values: series.waitingTasks, isDashed: true },
  ];
  return (
    linePlot(`Capacity and demand, ${name}`, 'vCPU, tasks', overHours(series.intervalS), lines)
    + seriesTable(`Figures of ${name}`, series.intervalS, lines)
  );
}

function changesOverTime({ name, series }: VariantResult): string {
  const lines: readonly Line[] = [
    { name: 'nodes launched', values: series.launches },
    { name: 'attempts that EC2 interrupted', values: series.interruptions },
    { name: 'tasks moved', values: series.moves },
  ].filter((line) => line.values.some((count) => count > 0));
  if (lines.length === 0) return '';
  const unitOf = (intervals: number): string => `counts of ${short(intervals * series.intervalS)} s`;
  const merged = intervalsPerRow(series.launches.length);
  return (
    linePlot(`Changes of the fleet, ${name}`, unitOf(1), overHours(series.intervalS), lines)
    + seriesTable(`Figures of changes, ${name}, ${unitOf(merged)}`, series.intervalS, lines, 'sums')
  );
}

/** Each value stands for its interval, so in its middle. */
function overHours(intervalS: number): Across {
  return { first: intervalS / 7_200, step: intervalS / 3_600, unit: 'h' };
}

const rowsMax = 24;

function intervalsPerRow(intervals: number): number {
  return Math.max(1, Math.ceil(intervals / rowsMax));
}

/** At most {@link rowsMax} rows: means of levels, sums of what was counted. */
function seriesTable(
  title: string,
  intervalS: number,
  lines: readonly Line[],
  rowsAre: 'means' | 'sums' = 'means',
): string {
  const bins = lines[0]?.values.length ?? 0;
  const per = intervalsPerRow(bins);
  const rows = Array.from({ length: Math.ceil(bins / per) }, (_, row) => [
    `${short((row * per * intervalS) / 3_600)} h`,
    ...lines.map(({ values }) => {
      const some = values.slice(row * per, (row + 1) * per);
      return short(some.reduce((sum, one) => sum + one, 0) / (rowsAre === 'sums' ? 1 : Math.max(1, some.length)));
    }),
  ]);
  return behind(title, table(['from', ...lines.map((line) => line.name)], rows));
}

function waitsTable(results: readonly VariantResult[]): string {
  return table(
    ['variant, tenant', 'tasks', 'mean', 'p50', 'p95', 'p99', 'max'],
    results.flatMap((one) =>
      [['all', one.waits.all] as const, ...Object.entries(one.waits.byTenant)].map(([tenant, wait]) => [
        `${one.name}, ${tenant}`,
        String(wait.tasks),
        ...[wait.meanS, wait.p50S, wait.p95S, wait.p99S, wait.maxS].map((seconds) => `${short(seconds)} s`),
      ]),
    ),
  );
}

function leftParagraph(text: string | null): string {
  return text === null ? '' : `<p>${escaped(text)}</p>`;
}

function labelsTable(results: readonly VariantResult[]): string {
  const labels = longestLabels(results);
  if (labels.names.length === 0) return '';
  const rows = results.flatMap((one) =>
    labels.names.flatMap((label) => {
      const wait = one.waits.byLabel[label];
      if (wait === undefined) return [];
      const seconds = [wait.meanS, wait.p50S, wait.p95S, wait.p99S, wait.maxS];
      return [[`${one.name}, ${label}`, String(wait.tasks), ...seconds.map((value) => `${short(value)} s`)]];
    }),
  );
  return (
    '<h3>Waits by label, the longest first</h3>'
    + table(['variant, label', 'tasks', 'mean', 'p50', 'p95', 'p99', 'max'], rows)
    + leftParagraph(leftText(labels, 'Labels'))
  );
}

/** Baselines call nobody. */
function callsTable(results: readonly VariantResult[]): string {
  const calls = mostCalls(results);
  if (calls.names.length === 0) return '';
  const rows = results
    .filter((one) => one.kind === 'pool')
    .map((one) => [one.name, ...calls.names.map((name) => String(one.calls[name] ?? 0))]);
  return behind('Calls to EC2', table(['variant', ...calls.names], rows) + leftParagraph(leftText(calls, 'Calls')));
}

const typesShown = 7;

function fleetsPlot(results: readonly VariantResult[]): string {
  const totals = new Map<string, number>();
  for (const { nodes } of results)
    for (const [type, count] of Object.entries(nodes.byType)) totals.set(type, (totals.get(type) ?? 0) + count);
  const most = [...totals].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1)).slice(0, typesShown);
  const bars = results.map(({ name, nodes }): Bar => {
    const shown = most.map(([type]) => ({ name: type, value: nodes.byType[type] ?? 0 }));
    const others = nodes.launched - shown.reduce((sum, { value }) => sum + value, 0);
    return { name, parts: [...shown, { name: 'others', value: others }] };
  });
  return barPlot('Nodes launched by type', 'nodes', bars);
}

function fleetTable({ name, nodes }: VariantResult): string {
  const rows = Object.entries(nodes.byType)
    .sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .map(([type, count]) => [type, String(count)]);
  return behind(`Nodes of ${name} by type`, table(['type', 'launched'], rows));
}
