// The API's description (lib/api/openapi.ts) as clients need it: named types, and what each operation takes and gives.
import { openApiDocument } from '../../lib/api/openapi.ts';

/** The part of JSON Schema that the description uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string | null;
  readonly parameters: readonly Parameter[];
  /** null: it takes none. */
  readonly body: Schema | null;
  /** null: its answer has no JSON. */
  readonly answer: Schema | null;
  /** The answer is text. */
  readonly isText: boolean;
}

export interface Contract {
  readonly types: readonly (readonly [name: string, schema: Schema])[];
  readonly operations: readonly Operation[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly (Omit<Parameter, 'required'> & { readonly required?: boolean })[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** @throws Error where the description uses what no client is made of */
export function contract(): Contract {
  const document = JSON.parse(JSON.stringify(openApiDocument())) as {
    readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => operationOf(method.toUpperCase(), path, one)),
  );
  return { types: Object.entries(document.components.schemas), operations };
}

function operationOf(method: string, path: string, described: Described): Operation {
  const { operationId: id, summary, description = null, parameters = [], requestBody, responses } = described;
  const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content ?? {};
  const json = success['application/json']?.schema ?? null;
  return {
    ...{ id, method, path, summary, description },
    parameters: parameters.map((one) => ({ ...one, required: one.required ?? false })),
    body: requestBody?.content?.['application/json']?.schema ?? null,
    answer: json,
    isText: json === null && Object.keys(success).length > 0,
  };
}

/** The name of the type that a reference means; null: it is none. */
export function referenceOf({ $ref }: Schema): string | null {
  return $ref?.replace('#/components/schemas/', '') ?? null;
}

/** The choices that a value has; null: it has one. */
export function choicesOf(schema: Schema): readonly Schema[] | null {
  const { anyOf, oneOf, type } = schema;
  if (typeof type !== 'object') return anyOf ?? oneOf ?? null;
  return type.map((one) => (one === 'null' ? { type: one } : { ...schema, type: one }));
}

/** Texts of a length that a line has room for. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replaceAll('\n', ' ').split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
