// Compares what the EC2 simulator answers to DescribeInstanceTypes with a copy of EC2's own answer, member by member:
//   node scripts/peers/instance-types.ts DESCRIBED.json[.gz] [http://127.0.0.1:4567]
// DESCRIBED is an object of types by name, as the PyPI package moto has it (moto/ec2/resources). Without an address a
// simulator is started for it. Exit code 1 where a type that both have differs.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Element } from '../../lib/adapters/simulated/xml-reader.ts';
import { items, parseXml, textOf } from '../../lib/adapters/simulated/xml-reader.ts';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const [path, address] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: node scripts/peers/instance-types.ts DESCRIBED.json[.gz] [ADDRESS]\n');
  process.exit(2);
}
const bytes = readFileSync(path);
const described = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as Readonly<
  Record<string, Json>
>;

const simulator = address === undefined ? await Ec2Simulator.start({ throttling: 'off' }) : null;
const answered = await answers(address ?? simulator?.endpoint ?? '');
await simulator?.close();

const common = Object.keys(described)
  .filter((name) => answered.has(name))
  .sort();
const differences = new Map<string, string[]>();
for (const name of common)
  compare(described[name] ?? null, answered.get(name), '', (member) => {
    differences.set(member, [...(differences.get(member) ?? []), name]);
  });
const missing = (has: (name: string) => boolean, names: Iterable<string>): string => {
  const families = new Set([...names].filter((name) => !has(name)).map((name) => name.split('.')[0] ?? ''));
  return families.size === 0 ? 'none' : [...families].sort().join(', ');
};
process.stdout.write(
  `${String(common.length)} types in both; only described: `
    + `${missing((name) => answered.has(name), Object.keys(described))} (no price is packaged); only answered: `
    + `${missing((name) => name in described, answered.keys())}\n`,
);
for (const [member, names] of [...differences].sort())
  process.stdout.write(`${member}: ${String(names.length)} types differ, e.g. ${names.slice(0, 3).join(', ')}\n`);
process.stdout.write(`${String(differences.size)} members differ\n`);
process.exitCode = differences.size === 0 && common.length > 0 ? 0 : 1;

async function answers(endpoint: string): Promise<ReadonlyMap<string, Element>> {
  const types = new Map<string, Element>();
  let token = '';
  for (let pages = 0; pages < 100; pages += 1) {
    const body = new URLSearchParams({
      Action: 'DescribeInstanceTypes',
      Version: '2016-11-15',
      ...(token === '' ? {} : { NextToken: token }),
    });
    const response = await fetch(endpoint, {
      method: 'POST',
      body,
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/ec2/aws4_request, '
          + 'SignedHeaders=host, Signature=00',
      },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${endpoint} answered ${String(response.status)}: ${text.slice(0, 300)}`);
    const root = parseXml(text);
    for (const item of items(root, 'instanceTypeSet')) types.set(textOf(item, 'instanceType'), item);
    token = textOf(root, 'nextToken');
    if (token === '') return types;
  }
  throw new Error('the list has no end');
}

/** Names the wire's API model gives that are not the member's own with a small first letter. */
function wireName(name: string): string {
  return { EbsCards: 'ebsCardSet', Workloads: 'workloadSet' }[name] ?? name.charAt(0).toLowerCase() + name.slice(1);
}

function compare(want: Json, got: Element | undefined, at: string, differs: (member: string) => void): void {
  if (got === undefined) {
    differs(at);
    return;
  }
  if (Array.isArray(want)) {
    const list = want as readonly Json[];
    const members = got.children;
    if (members.length !== list.length) differs(`${at}[]`);
    else
      list.forEach((one, n) => {
        compare(one, members[n], `${at}[]`, differs);
      });
  } else if (typeof want === 'object' && want !== null) {
    const names = new Map(
      Object.entries(want as Readonly<Record<string, Json>>).map(([name, value]) => [wireName(name), { name, value }]),
    );
    for (const [wire, { name, value }] of names)
      compare(
        value,
        got.children.find((one) => one.name === wire),
        at === '' ? name : `${at}.${name}`,
        differs,
      );
    for (const extra of got.children) if (!names.has(extra.name)) differs(`${at}.${extra.name} (not in EC2's answer)`);
  } else if (got.text !== String(want)) differs(at);
}
