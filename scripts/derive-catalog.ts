// Regenerates lib/core/catalog/data.ts from a CSV of EC2 types and prices: node scripts/derive-catalog.ts FILE.csv
// A few types per line keep the module small enough to bundle, and its diff readable when prices change.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const csvPath = process.argv[2];
if (csvPath === undefined) {
  process.stderr.write('usage: node scripts/derive-catalog.ts FILE.csv\n');
  process.exit(2);
}
const [head = '', ...lines] = readFileSync(csvPath, 'utf8').trim().split(/\r?\n/);
const columns = head.split(',');
/** In the order that lib/core/catalog/index.ts reads them. */
const kept = [
  'instance_type', 'category', 'generation', 'arch', 'vcpu', 'memory_mib', 'alloc_cpu_milli', 'alloc_memory_mib',
  'gpu_count', 'gpu_name', 'on_demand_usd_h', 'spot_est_usd_h', 'spot_interruption_band',
].map((name) => {
  const at = columns.indexOf(name);
  if (at < 0) throw new Error(`${csvPath} has no column "${name}"`);
  return at;
});
const rows = lines
  .map((line) => line.split(','))
  .map((fields) => kept.map((at) => fields[at] ?? '').join(' '))
  .sort((a, b) => ((a.split(' ')[0] ?? '') < (b.split(' ')[0] ?? '') ? -1 : 1));

const typesPerLine = 3;
const table = Array.from({ length: Math.ceil(rows.length / typesPerLine) }, (_, at) => rows.slice(at * typesPerLine, (at + 1) * typesPerLine).join(';')).join('\n');

const target = fileURLToPath(new URL('../lib/core/catalog/data.ts', import.meta.url));
writeFileSync(target, `// EC2 instance types of us-east-1 with prices of 2026-07-20, derived by scripts/derive-catalog.ts (do not edit). Sources:
// karpenter-provider-aws @1d92708 docs and price tables (Apache-2.0); spot savings of the EC2 spot advisor (AWS's public feed).
// Spot prices are estimates: on-demand x (1 - average saving of 30 days). Types are split by semicolons, columns by blanks: see index.ts.
export const table = \`
${table}
\`;
`);
process.stdout.write(`${String(rows.length)} types -> ${target}\n`);
