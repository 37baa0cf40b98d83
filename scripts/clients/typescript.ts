// The API's types and operations for the TypeScript client.
import { choicesOf, referenceOf, wrapped } from './contract.ts';
import type { Contract, Operation, Parameter, Schema } from './contract.ts';

const head = `
// Made from lib/api (node scripts/enter.mjs scripts/clients/main.ts); edit the schemas there, not this file.
// Times are RFC 3339 in UTC.

/** An operation takes nothing of this kind. */
export type Nothing = Readonly<Record<never, never>>;
`.trimStart();

/** A module's text, to be formatted. */
export function typescriptOf({ types, operations }: Contract): string {
  return [
    head,
    ...types.map(([name, schema]) => `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`),
    '/** What each operation takes and answers. */',
    `export interface Operations {\n${operations.map(takes).join('\n')}\n}\n`,
    '/** The method and path of each operation. */',
    `export const operations = {\n${operations.map(route).join('\n')}\n} as const;\n`,
  ].join('\n');
}

function route({ id, method, path }: Operation): string {
  return `  ${id}: { method: '${method}', path: '${path}' },`;
}

function takes(operation: Operation): string {
  const { id, summary, description, parameters, body, answer, isText } = operation;
  const group = (place: Parameter['in']): string => {
    const fields = parameters
      .filter((one) => one.in === place)
      .map((one) => `readonly ${key(one.name)}${one.required ? '' : '?'}: ${typeOf(one.schema)};`);
    return fields.length === 0 ? 'Nothing' : `{ ${fields.join(' ')} }`;
  };
  const answered = answer === null ? (isText ? 'string' : 'unknown') : typeOf(answer);
  return [
    `${comment(description === null ? `${summary}.` : `${summary}. ${description}`)}  readonly ${id}: {`,
    `    readonly params: ${group('path')};`,
    `    readonly query: ${group('query')};`,
    `    readonly headers: ${group('header')};`,
    `    readonly body: ${body === null ? 'Nothing' : typeOf(body)};`,
    `    readonly answer: ${answered};`,
    '  };',
  ].join('\n');
}

function comment(text: string | undefined): string {
  if (text === undefined) return '';
  const safe = text.replaceAll('*/', '* /');
  const [first = '', ...more] = wrapped(safe, 100);
  return more.length === 0
    ? `/** ${first} */\n`
    : `/**\n${[first, ...more].map((line) => ` * ${line}`).join('\n')}\n */\n`;
}

function typeOf(schema: Schema): string {
  const name = referenceOf(schema);
  if (name !== null) return name;
  const choices = choicesOf(schema);
  if (choices) return oneOf(choices.map(typeOf));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `readonly (${schema.items ? typeOf(schema.items) : 'unknown'})[]`;
    case 'object':
      return objectOf(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`scripts/clients knows no type ${String(schema.type)}`);
  }
}

/** A literal beside its whole type says nothing. */
function oneOf(types: readonly string[]): string {
  const isSaid = (type: string): boolean => types.includes('string') && /^"[^"]*"$/.test(type);
  return [...new Set(types)].filter((type) => !isSaid(type)).join(' | ');
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description)}readonly ${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  if (fields.length > 0) return `{\n${fields.join('\n')}\n}`;
  if (typeof additionalProperties === 'object') return `Readonly<Record<string, ${typeOf(additionalProperties)}>>`;
  return 'Readonly<Record<string, unknown>>';
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}
