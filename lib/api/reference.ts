// docs/api.md, made from the route table and the schemas: scripts/api-docs.ts writes it, a test compares it.
import * as z from 'zod';
import { agentLimits, limits } from './limits.ts';
import { problemsOf } from './openapi.ts';
import { machineBody, networkBody, storageBody } from './schemas/claims.ts';
import { poolBody } from './schemas/pools.ts';
import { planDemand } from './schemas/plan.ts';
import { tenantBody } from './schemas/tenants.ts';
import { serviceBody } from './schemas/tasks/services.ts';
import { problemKinds } from './problems.ts';
import { taskBody } from './schemas/requests.ts';
import type { Route } from './routes.ts';
import { agentRoutes } from './agent-routes.ts';
import { routes } from './routes.ts';

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  /** What a schema says of itself where JSON Schema cannot be made of it. */
  readonly override?: JsonSchema;
}

/** The JSON Schema with its references put in place: the tables show fields, not components. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const inline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inline);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, override, ...rest } = value as JsonSchema;
    const base = $ref === undefined ? {} : (inline(root.$defs?.[$ref.replace('#/$defs/', '')] ?? {}) as object);
    return {
      ...base,
      ...Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, inline(one)])),
      ...override,
    };
  };
  return inline(root) as JsonSchema;
}

function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.type === 'array')
    return `list of ${schema.items?.properties === undefined ? kindOf(schema.items ?? {}) : 'objects'}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') return 'object of strings';
  return schema.type ?? 'any';
}

function rangeOf({ minimum, maximum, exclusiveMinimum, minItems, maxItems }: JsonSchema): string {
  if (maxItems !== undefined) return ` (${String(minItems ?? 0)} to ${String(maxItems)})`;
  if (exclusiveMinimum !== undefined) return ` (more than ${String(exclusiveMinimum)}, at most ${String(maximum)})`;
  return minimum !== undefined && maximum !== undefined ? ` (${String(minimum)} to ${String(maximum)})` : '';
}

function fieldRows(schema: JsonSchema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const isRequired = schema.required?.includes(name) === true;
    const value =
      field.default === undefined ? (isRequired ? '**required**' : '') : `\`${JSON.stringify(field.default)}\``;
    const row = `| \`${path}\` | ${kindOf(field)}${rangeOf(field)} | ${value} | ${field.description ?? ''} |`;
    // Preferences hold the same requirements as the task itself: their rows are there already.
    if (path === 'preferences[].requirements') return [row];
    const inner =
      field.type === 'array' && field.items?.properties !== undefined
        ? fieldRows(field.items, `${path}[].`)
        : fieldRows(field, `${path}.`);
    return [row, ...inner];
  });
}

function fieldTable(schema: z.ZodType): string {
  return ['| field | value | default | |', '|---|---|---|---|', ...fieldRows(schemaOf(schema))].join('\n');
}

const codeList = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function queryText(query: z.ZodObject | undefined): string {
  return query === undefined
    ? ''
    : `?${Object.keys(query.shape)
        .map((name) => `${name}=`)
        .join('&')}`;
}

function routeSection(route: Route): string {
  const own = problemsOf(route)
    .filter((code) => route.problems.includes(code))
    .map((code) => `${String(problemKinds[code][0])} \`${code}\``);
  return [
    `### ${route.method} ${route.path}${queryText(route.query)}`,
    wrapped(
      `${route.summary}.${route.description === undefined ? '' : ` ${route.description}`} Needs: `
        + `${route.permission === 'none' ? 'nothing' : `\`${route.permission}\``}. Answers `
        + `${String(route.answer.status)}: `
        + `${route.answer.description}${own.length === 0 ? '' : ` Or ${own.join(', ')}.`}`,
    ),
  ].join('\n');
}

const columnsMax = 120;

/** In lines as wide as those of the other pages. */
function wrapped(paragraph: string): string {
  return paragraph
    .split(' ')
    .reduce<readonly string[]>((lines, word) => {
      const last = lines.at(-1);
      const longer = last === undefined ? word : `${last} ${word}`;
      return longer.length <= columnsMax ? [...lines.slice(0, -1), longer] : [...lines, word];
    }, [])
    .join('\n');
}

/** Before the routes: one call to copy, and the two rules that every caller needs. */
const firstSteps = `A first request:

\`\`\`sh
curl -s http://127.0.0.1:4780/v1/requests -H 'content-type: application/json' -H 'Idempotency-Key: hello-1' \\
  -d '{"type": "task", "resources": {"vcpu": 0.5, "memoryMib": 256}, "command": ["echo", "hello"]}'
\`\`\`

It answers 202 with an \`id\`. \`GET /v1/requests/{id}\` shows its state, \`/timeline\` why it is in it, and \`/output\`
what it wrote.

**Repeats.** With an \`Idempotency-Key\`, the same key and body are the same request until 7 days past its end: a repeat
answers 202 with the present state, another body 409. A task may run more than once after a loss of its node; its end
is recorded once.

**States.** \`pending\`, \`running\`, \`active\` (a claim that is granted), \`releasing\`, and the ends \`succeeded\`,
\`failed\`, \`cancelled\`, \`expired\`, \`released\`. An array (\`count\` above 1) that is cancelled, or misses its
deadline, before all its tasks have ended is \`cancelled\` or \`expired\`, and its reason says how many had failed;
otherwise it has \`failed\` if any task failed.`;

/** The text of docs/api.md. */
export function apiReference(): string {
  const codes = Object.entries(problemKinds).map(
    ([code, [status, title]]) => `| ${String(status)} | \`${code}\` | ${title} |`,
  );
  return `# HTTP API v1

<!-- Made from lib/api by \`node scripts/enter.mjs scripts/api-docs.ts\`; edit the schemas there, not this file. -->

The server describes this contract in OpenAPI 3.1 at \`/openapi.json\`, with the schema of every body and of every
answer. What does not fit the schema is answered with 400 \`invalid_request\`. A body that fits it and breaks a rule
over several fields, or within a text (exactly one of two, an address that is no https URL), is answered with 422
\`unprocessable\`, and the problem says how to mend it.

Bodies are JSON (\`content-type: application/json\`), at most ${String(limits.bodyBytes)} bytes, and one request, alone
or in a batch, at most ${String(limits.taskBytes)} bytes of JSON without blanks; more than that is answered with 413
\`too_large\`. Fields that are not listed here are refused. Times are RFC 3339 in UTC.

${firstSteps}

## Routes

${Object.values<Route>(routes).map(routeSection).join('\n\n')}

## A task

The body of \`POST /v1/requests\`.

${fieldTable(taskBody)}

## A batch

The body of \`POST /v1/requests/batch\`: \`{"requests": [{"type": "task", …}, …]}\`, 1 to
${String(limits.batchItems)} requests, each as it would be sent alone, with an \`idempotencyKey\` of its own if wished.

## A virtual machine

Claimed until it is released (DELETE) or its lease ends; see [claims.md](claims.md). In its answer \`allocation\` is the
first machine, and \`parts\` are all machines and volumes.

${fieldTable(machineBody)}

## Storage

${fieldTable(storageBody)}

## A network

${fieldTable(networkBody)}

## A pool

The body of \`PUT /v1/pools/{name}\`, and a pool file of the command line.

${fieldTable(poolBody)}

## A service

The body of \`PUT /v1/services/{name}\`; see [services.md](services.md).

${fieldTable(serviceBody)}

## A tenant

The body of \`PUT /v1/tenants/{name}\`.

${fieldTable(tenantBody)}

## A plan's request

An item of \`requests\` in \`POST /v1/plan\`: a task with an \`id\` of your choice. What it runs may be left out. Beyond
the fields of a task: ${codeList(Object.keys(planDemand.shape).filter((name) => !(name in taskBody.shape)))}.

## Problems

Whatever is not a success is \`application/problem+json\` (RFC 9457):
\`{type, title, status, code, detail, errors: [{path, message}]}\`. \`code\` never changes its meaning;
\`errors\` names each field that is wrong.

| status | code | |
|---|---|---|
${codes.join('\n')}

Every route with a body can answer 400 \`malformed_json\`, 413 and 415; every route but the open ones 401 and 403.
What a caller sends is never answered with a 5xx: 500 is a defect, and 503 asks for the same call again in a moment.

## The agents' side

Agents call three paths of their own, with bodies of at most ${String(agentLimits.bodyBytes)} bytes and at most
${String(agentLimits.outputBytesPerStream)} bytes of output per stream.

${Object.values<Route>(agentRoutes).map(routeSection).join('\n\n')}
`;
}
