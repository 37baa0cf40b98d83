// Regenerates lib/adapters/simulated/ec2/protocol/api-model.ts: node scripts/peers/derive-ec2-api.ts
// service-2.json[.gz]. The model is EC2's own, as the PyPI package botocore ships it (botocore/data/ec2/2016-11-15).
// Taken from it: the names of all actions, and which filters it documents for the actions that the simulator models.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { actions } from '../../lib/adapters/simulated/ec2/actions.ts';

interface Shape {
  readonly members?: Readonly<Record<string, { readonly shape: string; readonly documentation?: string }>>;
}
interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: node scripts/peers/derive-ec2-api.ts service-2.json[.gz]\n');
  process.exit(2);
}
const bytes = readFileSync(path);
const model = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as Model;

/** Of the outermost list: what is listed inside of it are values. `tag:<key>` is a form, not a name. */
function filterNames(documentation: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [, tag, name] of documentation.matchAll(/<(\/?ul)>|<li>\s*<p>\s*<code>([^<]*)<\/code>/g)) {
    if (tag === 'ul') depth += 1;
    else if (tag === '/ul') depth -= 1;
    else if (depth === 1 && name !== undefined && !/^tag(:|$)/.test(name)) names.push(name);
  }
  return [...new Set(names)].sort();
}

function documentedFilters(action: string): readonly string[] {
  const { members } = model.shapes[model.operations[action]?.input?.shape ?? ''] ?? {};
  return filterNames((members?.['Filters'] ?? members?.['Filter'])?.documentation ?? '');
}

/** As lines of at most 110 characters. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + name.length > 110) lines.push(name);
    else lines[lines.length - 1] = `${last} ${name}`;
  }
  return lines.join('\n');
}

const filters = [...actions.keys()].sort().flatMap((name) => {
  const names = documentedFilters(name);
  return names.length === 0 ? [] : [`  ${name}: \`\n${wrapped(names)}\`,`];
});
writeFileSync(
  fileURLToPath(new URL('../../lib/adapters/simulated/ec2/protocol/api-model.ts', import.meta.url)),
  `// What EC2's API has, derived by scripts/peers/derive-ec2-api.ts (do not edit) from the model of it in the PyPI
// package botocore 1.44.8 (Apache-2.0): the names of all actions, the documented filters of the modelled ones.
const names = \`
${wrapped(Object.keys(model.operations).sort())}\`;

const filters: Readonly<Record<string, string>> = {
${filters.join('\n')}
};

const words = (text: string): readonly string[] => text.trim().split(/\\s+/);

/** Every action of EC2's API. */
export const apiActions: ReadonlySet<string> = new Set(words(names));

/** By action, the names of the filters that EC2 documents; \`tag:<key>\` is not among them. */
export const documentedFilters: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(filters).map(([action, list]) => [action, new Set(words(list))]),
);
`,
);
