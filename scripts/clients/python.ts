// The API's types and operations for the Python client: a TypedDict for each object, a method for each operation.
import { choicesOf, referenceOf, wrapped } from './contract.ts';
import type { Contract, Operation, Parameter, Schema } from './contract.ts';

const head = `"""Types and operations of the Bellows API.

Made from lib/api by \`node scripts/enter.mjs scripts/clients/main.ts\`; edit the schemas there, not this file.
Times are RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any, Literal, Mapping, NotRequired, Sequence, TypeAlias, TypedDict, Union
from urllib.parse import quote
`;

const operationsHead = `class Operations:
    """A method for each operation of the API; \`Bellows\` (client.py) sends them."""

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        raise NotImplementedError
`;

/** A module's text. */
export function pythonOf({ types, operations }: Contract): string {
  const module = new Types();
  for (const [name, schema] of types) module.named(name, schema);
  const methods = operations.map((one) => methodOf(one, module));
  const helper = 'def _part(value: object) -> str:\n    return quote(str(value), safe="")\n';
  return `${[head, ...module.texts, helper, operationsHead].join('\n\n')}\n${methods.join('\n')}`;
}

/** What was defined so far; objects within objects get names of their own. */
class Types {
  readonly texts: string[] = [];
  readonly #names = new Set<string>();

  /** The name as a type. */
  named(name: string, schema: Schema): string {
    if (this.#names.has(name)) throw new Error(`scripts/clients: two types want the name ${name}`);
    this.#names.add(name);
    const { properties = {}, description } = schema;
    const text =
      Object.keys(properties).length > 0 && choicesOf(schema) === null
        ? this.#dict(name, schema)
        : `${name}: TypeAlias = ${multiline(this.#inner(schema, name), '', name)}`;
    const comments = description === undefined ? [] : wrapped(description, 116).map((line) => `# ${line}`);
    this.texts.push([...comments, text].join('\n'));
    return name;
  }

  /** The type as an expression in a string. `name`: of an object that has none. */
  typeOf(schema: Schema, name: string): string {
    const reference = referenceOf(schema);
    if (reference !== null) return reference;
    if (Object.keys(schema.properties ?? {}).length > 0) return this.named(name, schema);
    return this.#inner(schema, name);
  }

  #inner(schema: Schema, name: string): string {
    const choices = choicesOf(schema);
    if (choices) {
      const areMany = choices.length > 2 || choices.every((one) => Object.keys(one.properties ?? {}).length > 0);
      const all = choices.map((one, at) => this.typeOf(one, `${name}${areMany ? String(at + 1) : ''}Value`));
      return `Union[${[...new Set(all)].join(', ')}]`;
    }
    if (schema.const !== undefined) return `Literal[${literal(schema.const)}]`;
    if (schema.enum) return `Literal[${schema.enum.map(literal).join(', ')}]`;
    switch (schema.type) {
      case 'string':
        return 'str';
      case 'integer':
        return 'int';
      case 'number':
        return 'float';
      case 'boolean':
        return 'bool';
      case 'null':
        return 'None';
      case 'array':
        return `Sequence[${schema.items ? this.typeOf(schema.items, `${name}Item`) : 'Any'}]`;
      case 'object': {
        const { additionalProperties: any } = schema;
        return `Mapping[str, ${typeof any === 'object' ? this.typeOf(any, `${name}Entry`) : 'Any'}]`;
      }
      case undefined:
        return 'Any';
      default:
        throw new Error(`scripts/clients knows no type ${String(schema.type)}`);
    }
  }

  #dict(name: string, { properties = {}, required = [] }: Schema): string {
    const fields = Object.entries(properties).map(([key, schema]) => {
      const type = this.typeOf(schema, name + key[0]?.toUpperCase() + key.slice(1));
      const text = required.includes(key) ? type : `NotRequired[${type}]`;
      const comments = schema.description === undefined ? [] : wrapped(schema.description, 108);
      return [...comments.map((line) => `        # ${line}`), `        "${key}": ${multiline(text, '        ')},`].join(
        '\n',
      );
    });
    return `${name} = TypedDict(\n    "${name}",\n    {\n${fields.join('\n')}\n    },\n)`;
  }
}

function literal(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);
}

/** A string literal of at most 120 columns a line; `name`: what stands before it in its first one. */
function multiline(type: string, indent: string, name = ''): string {
  const lines = wrapped(type, 110 - indent.length);
  if (indent.length + name.length + type.length < 100) return `'${type}'`;
  const parts = lines.map((line, at) => `${indent}    '${line}${at < lines.length - 1 ? ' ' : ''}'`);
  return `(\n${parts.join('\n')}\n${indent})`;
}

function methodOf(operation: Operation, types: Types): string {
  const { id, method, path, summary, description, parameters, body, answer, isText } = operation;
  const own = id[0]?.toUpperCase() + id.slice(1);
  const typed = (one: Parameter): string => {
    const name = `${own}${pascal(one.name)}`;
    const type = types.typeOf(one.schema, name);
    return type.length > 80 ? types.named(name, one.schema) : type;
  };
  const inPath = parameters.filter((one) => one.in === 'path');
  const others = parameters.filter((one) => one.in !== 'path');
  const given = [
    'self',
    ...inPath.map((one) => `${pythonName(one.name)}: ${typed(one)}`),
    ...(body === null ? [] : [`body: ${types.typeOf(body, `${own}Body`)}`]),
    ...(others.length === 0 ? [] : ['*']),
    ...others.map((one) => `${pythonName(one.name)}: ${typed(one)} | None = None`),
  ];
  const answered = answer === null ? (isText ? 'str' : 'Any') : types.typeOf(answer, `${own}Answer`);
  const passed = (place: Parameter['in']): string[] => {
    const some = others.filter((one) => one.in === place);
    const entries = some.map((one) => `            "${one.name}": ${pythonName(one.name)},`);
    return some.length === 0
      ? []
      : [`        ${place === 'query' ? 'query' : 'headers'}={`, ...entries, '        },'].map((line) => `    ${line}`);
  };
  const url = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => `{_part(${pythonName(name)})}`);
  const doc = wrapped(description === null ? `${summary}.` : `${summary}. ${description}`, 108);
  return [
    `    def ${snake(id)}(`,
    ...given.map((one) => `        ${one},`),
    `    ) -> ${answered}:`,
    ...docstring(doc),
    `        answer: ${answered} = self._call(`,
    `            "${method}",`,
    `            ${url === path ? '' : 'f'}"${url}",`,
    ...passed('query'),
    ...passed('header'),
    ...(body === null ? [] : ['            body=body,']),
    '        )',
    '        return answer\n',
  ].join('\n');
}

function docstring(lines: readonly string[]): readonly string[] {
  const [first = '', ...more] = lines.map((line) => line.replaceAll('\\', '\\\\'));
  if (more.length === 0) return [`        """${first}"""`];
  return [`        """${first}`, ...more.map((line) => `        ${line}`), '        """'];
}

function snake(name: string): string {
  return name.replaceAll('-', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What Python keeps for itself has an underscore behind it. */
function pythonName(name: string): string {
  const plain = snake(name);
  return ['from', 'if', 'is', 'in', 'class', 'global', 'pass', 'not'].includes(plain) ? `${plain}_` : plain;
}

function pascal(name: string): string {
  return name
    .split('-')
    .map((one) => one[0]?.toUpperCase() + one.slice(1))
    .join('');
}
