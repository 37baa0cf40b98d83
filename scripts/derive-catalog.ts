// Regenerates the two packaged tables of instance types: node scripts/derive-catalog.ts PRICES.csv
// DESCRIBED.json[.gz] [OLDER.json[.gz]...] PRICES.csv: types and prices; DESCRIBED: answers of
// DescribeInstanceTypes, by name; an older one fills in what the first lacks. lib/core/catalog/data.ts is what
// everything bundles; the EC2 simulator alone imports the rest, of which it answers in full.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { packJson } from '../lib/adapters/simulated/ec2/families/instances/types/packed-json.ts';
import { podsMax, typeFacts } from '../lib/core/catalog/facts.ts';
import type { TypeDescription } from '../lib/core/catalog/facts.ts';
import { traitsText, typeText } from '../lib/core/catalog/table.ts';

const [csvPath, ...describedPaths] = process.argv.slice(2);
if (csvPath === undefined || describedPaths.length === 0) {
  process.stderr.write('usage: node scripts/derive-catalog.ts PRICES.csv DESCRIBED.json[.gz] [OLDER.json[.gz]...]\n');
  process.exit(2);
}
const [head = '', ...lines] = readFileSync(csvPath, 'utf8').trim().split(/\r?\n/);
const columns = head.split(',');

type Row = (column: string) => string;
const rows = lines
  .map((line): Row => {
    const fields = line.split(',');
    return (column) => {
      const at = columns.indexOf(column);
      if (at < 0) throw new Error(`${csvPath} has no column "${column}"`);
      return fields[at] ?? '';
    };
  })
  .sort((a, b) => (a('instance_type') < b('instance_type') ? -1 : 1));

type Described = TypeDescription & Readonly<Record<string, unknown>>;
const described = new Map<string, Described>();
for (const path of describedPaths) {
  const bytes = readFileSync(path);
  const all = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as Readonly<
    Record<string, Described>
  >;
  for (const [name, type] of Object.entries(all)) if (!described.has(name)) described.set(name, type);
}

/** The advisor's whole per cent, from which the price is worked out again; null for what EC2 does not sell as spot. */
function savingPercent(row: Row, usageClasses: readonly string[]): number | null {
  const [onDemand, spot] = [row('on_demand_usd_h'), row('spot_est_usd_h')];
  if (spot === '' || onDemand === '' || !usageClasses.includes('spot')) return null;
  const percent = Math.round((1 - Number(spot) / Number(onDemand)) * 100);
  if (Math.abs(Number(onDemand) * (1 - percent / 100) - Number(spot)) > 1e-6)
    throw new Error(`${row('instance_type')}: the spot price ${spot} is no whole per cent below ${onDemand}`);
  return percent;
}

const number = (text: string): number | null => (text === '' ? null : Number(text));

const byShared = new Map<string, string[]>();
const traits = new Map<string, number>();
for (const row of rows) {
  const name = row('instance_type');
  const description = described.get(name);
  const facts = description && typeFacts(description);
  if (!facts) throw new Error(`${name} is described in none of ${describedPaths.join(', ')}`);
  for (const [column, value] of [
    ['category', facts.category],
    ['generation', facts.generation],
    ['arch', facts.arch],
    ['vcpu', facts.vcpu],
    ['memory_mib', facts.memoryMib],
  ] as const) {
    if (row(column) !== String(value))
      throw new Error(`${name}: ${column} is ${row(column)} in ${csvPath}, and ${String(value)} as EC2 describes it`);
  }
  const isSpot = facts.usageClasses.includes('spot');
  const text = typeText(facts, podsMax(description.NetworkInfo), {
    onDemandUsdPerHour: number(row('on_demand_usd_h')),
    spotSavingPercent: savingPercent(row, facts.usageClasses),
    spotInterruptionBand: isSpot ? number(row('spot_interruption_band')) : null,
  });
  const trait = traitsText(facts);
  if (!traits.has(trait)) traits.set(trait, traits.size);
  const shared = `${facts.family} ${String(traits.get(trait))}`;
  byShared.set(shared, [...(byShared.get(shared) ?? []), text]);
}
const table = [...byShared].map(([shared, types]) => [shared, ...types].join(';')).join('\n');

function write(path: string, text: string): void {
  const target = fileURLToPath(new URL(`../${path}`, import.meta.url));
  writeFileSync(target, text);
  process.stdout.write(`${String(rows.length)} types, ${String(text.length)} bytes -> ${target}\n`);
}

write(
  'lib/core/catalog/data.ts',
  `// EC2 instance types of us-east-1 with prices of 2026-07-20, derived by scripts/derive-catalog.ts (do not
// edit). Sources: what EC2's DescribeInstanceTypes answers, by the copy of it in the PyPI package moto 5.2.5
// (g4ad: 5.1.0; Apache-2.0); prices of karpenter-provider-aws @1d92708 (Apache-2.0); spot savings of the EC2
// spot advisor (AWS's public feed). Spot prices are estimates: on-demand x (1 - average saving of 30 days). A
// line is written and read by table.ts.
export const table = \`
${[...traits.keys()].join('\n')}

${table}
\`;
`,
);
write(
  'lib/adapters/simulated/ec2/described-types.ts',
  `// What EC2's DescribeInstanceTypes answers of each type of the packaged catalog, derived by
// scripts/derive-catalog.ts (do not edit) from the copy of it in the PyPI package moto 5.2.5 (g4ad: 5.1.0;
// Apache-2.0). Read by packed-json.ts.
export const describedTypes = String.raw\`
${packJson(rows.map((row) => described.get(row('instance_type'))))}
\`;
`,
);
