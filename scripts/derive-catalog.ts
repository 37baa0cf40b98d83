// Regenerates lib/core/catalog/data.ts from a CSV of EC2 types and prices: node scripts/derive-catalog.ts FILE.csv
// One family per line, with what its types share said once: small enough to bundle, and its diff readable when prices change.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allocatableOf } from '../lib/core/catalog/allocatable.ts';
import type { Arch } from '../lib/core/offering.ts';

const csvPath = process.argv[2];
if (csvPath === undefined) {
  process.stderr.write('usage: node scripts/derive-catalog.ts FILE.csv\n');
  process.exit(2);
}
const [head = '', ...lines] = readFileSync(csvPath, 'utf8').trim().split(/\r?\n/);
const columns = head.split(',');

type Row = (column: string) => string;
const rows = lines.map((line): Row => {
  const fields = line.split(',');
  return (column) => {
    const at = columns.indexOf(column);
    if (at < 0) throw new Error(`${csvPath} has no column "${column}"`);
    return fields[at] ?? '';
  };
}).sort((a, b) => (a('instance_type') < b('instance_type') ? -1 : 1));

/** AWS gives disks in GB (10^9), requests give GiB (2^30). */
const gib = (gb: string): string => (gb === '' ? '' : String(Math.floor(Number(gb) / 1.073741824)));

/** The advisor's whole per cent, from which lib/core/catalog/index.ts works the price out again. */
function savingPercent(row: Row): string {
  const [onDemand, spot] = [row('on_demand_usd_h'), row('spot_est_usd_h')];
  if (spot === '' || onDemand === '') return '';
  const percent = Math.round((1 - Number(spot) / Number(onDemand)) * 100);
  if (Math.abs(Number(onDemand) * (1 - percent / 100) - Number(spot)) > 1e-6) throw new Error(`${row('instance_type')}: the spot price ${spot} is no whole per cent below ${onDemand}`);
  return String(percent);
}

/** Left out: index.ts works it out again. */
function checkAllocatable(row: Row): void {
  const [vcpu, memoryMib, gpu] = [row('vcpu'), row('memory_mib'), row('gpu_count')].map(Number);
  const { cpuMilli, memoryMib: left } = allocatableOf({ arch: row('arch') as Arch, vcpu: vcpu ?? 0, memoryMib: memoryMib ?? 0, gpu: gpu ?? 0 }, Number(row('max_pods')));
  if (String(cpuMilli) !== row('alloc_cpu_milli') || String(left) !== row('alloc_memory_mib')) throw new Error(`${row('instance_type')}: the formulas of lib/core/catalog/allocatable.ts give other figures`);
}

/** In a larger unit. */
const inUnitsOf = (text: string, of: number): string => (text === '' ? '' : String(Number(text) / of));

/** In the order that lib/core/catalog/index.ts reads them; blanks at the end are left out. */
const typeText = (row: Row): string => [
  row('instance_type').slice(row('instance_type').indexOf('.') + 1), row('vcpu'), inUnitsOf(row('memory_mib'), 1024), row('max_pods'),
  row('on_demand_usd_h'), savingPercent(row), row('spot_interruption_band'), inUnitsOf(row('network_mbps'), 1000), gib(row('local_nvme_gib')), row('gpu_count'), row('gpu_name'),
].join(' ').trimEnd();

const families = new Map<string, { readonly shared: string; readonly types: string[] }>();
for (const row of rows) {
  const family = row('instance_type').split('.')[0] ?? '';
  const shared = [family, row('category'), row('generation'), row('arch')].join(' ');
  const known = families.get(family) ?? { shared, types: [] };
  if (known.shared !== shared) throw new Error(`the types of ${family} differ in category, generation or architecture`);
  checkAllocatable(row);
  known.types.push(typeText(row));
  families.set(family, known);
}
const table = [...families.values()].map(({ shared, types }) => [shared, ...types].join(';')).join('\n');

const target = fileURLToPath(new URL('../lib/core/catalog/data.ts', import.meta.url));
writeFileSync(target, `// EC2 instance types of us-east-1 with prices of 2026-07-20, derived by scripts/derive-catalog.ts (do not edit). Sources:
// karpenter-provider-aws @1d92708 docs and price tables (Apache-2.0); spot savings of the EC2 spot advisor (AWS's public feed).
// Spot prices are estimates: on-demand x (1 - average saving of 30 days). A family a line, its types after it: see index.ts.
export const table = \`
${table}
\`;
`);
process.stdout.write(`${String(rows.length)} types of ${String(families.size)} families -> ${target}\n`);
