// /docs: the contract as one page for people, made from the OpenAPI document. It loads nothing else.
import { openApiDocument } from './openapi.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly unknown[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 70rem; padding: 0 1rem 4rem; background: light-dark(#fff, #15181c);
  color: light-dark(#1c2127, #e4e7eb); }
header { position: sticky; top: 0; background: inherit; padding: .6rem 0; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem .6rem; }
a { color: light-dark(#0b57d0, #8ab4f8); }
summary { cursor: pointer; padding: .25rem 0; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .6rem; background: light-dark(#f2f4f7, #20252b); }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-top: 1px solid light-dark(#d8dde3, #333a42); overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 600; }
.body { padding: 0 0 1rem 1.2rem; }
[hidden] { display: none; }
`;

/** Opens what the address names, and shows what has all the words that are looked for. */
const script = `
const all = [...document.querySelectorAll('details')];
const open = () => { const one = document.getElementById(location.hash.slice(1)); if (one) { one.open = true;
  one.scrollIntoView(); } };
addEventListener('hashchange', open);
document.querySelector('input').addEventListener('input', ({ target }) => {
  const words = target.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const one of all) one.hidden = !words.every((word) => one.textContent.toLowerCase().includes(word));
});
open();
`;

let made: string | undefined;

/** Made with the first call, and kept: a few milliseconds of CPU. */
export function docsPage(): string {
  made ??= page(openApiDocument() as unknown as Document);
  return made;
}

function page({ paths, components }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ method: method.toUpperCase(), path, one })),
  );
  const tags = [...new Set(operations.flatMap(({ one }) => one.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ one }) => one.tags.includes(tag));
    return `<h2>${text(tag)}</h2>${own.map(({ method, path, one }) => operationOf(method, path, one)).join('')}`;
  });
  const types = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="type-${text(name)}"><summary><code>${text(name)}</code></summary>`
      + `<div class="body">${schemaOf(schema)}</div></details>`,
  );
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bellows API</title>'
    + '<meta name="viewport" content="width=device-width, initial-scale=1">'
    + `<style>${style}</style></head><body><h1>Bellows API</h1>`
    + '<p>Bodies and answers are JSON; times are RFC 3339 in UTC. What is no success is a problem (RFC 9457) with a '
    + 'stable code. The same as a document for programs: <a href="openapi.json">openapi.json</a>.</p>'
    + '<header><input type="search" aria-label="Search" placeholder="Search operations, fields and codes"></header>'
    + `<main>${sections.join('')}<h2>Types</h2>${types.join('')}</main><script>${script}</script></body></html>`
  );
}

function operationOf(method: string, path: string, operation: Operation): string {
  const { operationId, summary, description, parameters = [], requestBody, responses, security } = operation;
  const body = requestBody?.content?.['application/json']?.schema;
  const answers = Object.entries(responses).map(([status, one]) => {
    const [schema] = Object.values(one.content ?? {}).map((content) => content.schema);
    return `<tr><td><code>${status}</code></td><td>${text(one.description)}</td><td>${kindOf(schema ?? {})}</td></tr>`;
  });
  const given = parameters.map(
    (one) =>
      `<tr><td><code>${text(one.name)}</code></td><td>${text(one.in)}</td><td>${kindOf(one.schema)}</td>`
      + `<td>${text(one.schema.description ?? '')}</td></tr>`,
  );
  const who = security.length === 0 ? 'Open to everybody.' : 'On AWS, signed calls of principals that IAM allows it.';
  return (
    `<details id="${text(operationId)}"><summary><span class="method">${method}</span> <code>${text(path)}</code> `
    + `${text(summary)}</summary><div class="body"><p>${text(description ?? '')}</p>`
    + `<p>${who}</p>`
    + (given.length === 0 ? '' : `<h3>Parameters</h3><table>${given.join('')}</table>`)
    + (body === undefined ? '' : `<h3>Body</h3><p>${kindOf(body)}</p>`)
    + `<h3>Answers</h3><table>${answers.join('')}</table>`
    + `<pre>${text(exampleOf(method, path, body !== undefined))}</pre></div></details>`
  );
}

function exampleOf(method: string, path: string, hasBody: boolean): string {
  const body = hasBody ? " -H 'content-type: application/json' -d @body.json" : '';
  return `curl -s${method === 'GET' ? '' : ` -X ${method}`}${body} "$BELLOWS_URL${path.replace(/\{(\w+)\}/g, '$$$1')}"`;
}

function schemaOf(schema: Schema): string {
  const { description, properties } = schema;
  const about = description === undefined ? '' : `<p>${text(description)}</p>`;
  return properties === undefined ? `${about}<p>${kindOf(schema)}</p>` : `${about}<table>${rowsOf(schema, '')}</table>`;
}

/** A row for each field, and for those of objects within. */
function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string {
  return Object.entries(properties)
    .map(([name, field]) => {
      const path = `${prefix}${name}`;
      const { default: unlessGiven } = field;
      const must = required.includes(name) ? 'required' : '';
      const value = unlessGiven === undefined ? must : `unless given <code>${text(JSON.stringify(unlessGiven))}</code>`;
      const inner = field.type === 'array' ? innerRows(field.items ?? {}, `${path}[]`) : innerRows(field, path);
      return (
        `<tr><td><code>${text(path)}</code></td><td>${kindOf(field)}</td><td>${value}</td>`
        + `<td>${text(field.description ?? '')}</td></tr>${inner}`
      );
    })
    .join('');
}

/** Of objects that are one of several kinds, the fields of each; a constant tells them apart. */
function innerRows(schema: Schema, path: string): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices === undefined) return rowsOf(schema, `${path}.`);
  const nameOf = ({ properties = {} }: Schema): string => {
    const [key, constant] = Object.entries(properties).find(([, one]) => one.const !== undefined) ?? [];
    return key === undefined ? '' : ` (${key} ${JSON.stringify(constant?.const)})`;
  };
  return choices.map((one) => rowsOf(one, `${path}${nameOf(one)}.`)).join('');
}

function kindOf(schema: Schema): string {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  if (name !== undefined) return `<a href="#type-${text(name)}">${text(name)}</a>`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(kindOf).join(' or ');
  if (schema.const !== undefined) return `<code>${text(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((one) => `<code>${text(JSON.stringify(one))}</code>`).join(', ');
  if (schema.type === 'array') return `list of ${kindOf(schema.items ?? {})}${boundsOf(schema)}`;
  if (typeof schema.additionalProperties === 'object') return `object of ${kindOf(schema.additionalProperties)}`;
  return `${text([schema.type ?? 'any'].flat().join(' or '))}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum, exclusiveMinimum, minItems, maxItems, maxLength }: Schema): string {
  const least = minItems ?? minimum;
  const most = maxItems ?? maximum ?? maxLength;
  const parts = [
    ...(exclusiveMinimum === undefined ? [] : [`more than ${String(exclusiveMinimum)}`]),
    ...(least === undefined ? [] : [`at least ${String(least)}`]),
    ...(most === undefined ? [] : [`at most ${String(most)}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function text(plain: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
  return plain.replace(/[&<>"]/g, (sign) => `&${names[sign] ?? ''};`);
}
