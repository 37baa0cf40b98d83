import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument, problemsOf } from '../../lib/api/openapi.ts';
import { problemKinds } from '../../lib/api/problems.ts';
import { limits } from '../../lib/api/limits.ts';
import { apiReference } from '../../lib/api/reference.ts';
import type { Route } from '../../lib/api/routes.ts';
import { agentRoutes } from '../../lib/api/agent-routes.ts';
import { routes } from '../../lib/api/routes.ts';

interface Content {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly $ref: string }>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: {
    readonly securitySchemes: object;
    readonly examples: Readonly<Record<string, { readonly value: { readonly code: string; readonly status: number } }>>;
    readonly schemas: Readonly<
      Record<
        string,
        {
          readonly type?: string;
          readonly properties?: object;
          readonly additionalProperties?: unknown;
          readonly required?: readonly string[];
        }
      >
    >;
  };
}

const document = openApiDocument() as unknown as Document;

describe('the OpenAPI document', () => {
  test('is valid 3.1, and so is not what lacks its paths', async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>)).toEqual({
      valid: true,
    });
    expect(validator.version).toBe('3.1');
    expect((await new Validator().validate({ openapi: '3.1.0', info: {} })).valid).toBe(false);
  });

  test('says how callers are known, and of which routes they need not be', () => {
    expect(document.components.securitySchemes).toMatchObject({
      sigv4: { type: 'apiKey', in: 'header', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' },
    });
    for (const [id, { method, path, permission }] of Object.entries<Route>(routes)) {
      const operation = document.paths[path]?.[method.toLowerCase()];
      expect([id, operation?.security]).toEqual([id, permission === 'none' ? [] : [{ sigv4: [] }]]);
    }
  });

  test('has the tag of each operation, and an example of each problem that it lists', () => {
    const tags = new Set(document.tags.map((one) => one.name));
    expect([...tags]).toEqual(expect.arrayContaining(['requests', 'pools', 'costs', 'tenants', 'healthz']));
    for (const [id, route] of Object.entries<Route>(routes)) {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()];
      expect([id, (operation?.tags ?? []).filter((tag) => tags.has(tag)).length]).toEqual([id, 1]);
      const examples = Object.entries(operation?.responses ?? {}).flatMap(([status, { content }]) =>
        Object.entries(content?.['application/problem+json']?.examples ?? {}).map(([code, { $ref }]) => {
          const shown = document.components.examples[code]?.value;
          return [code, $ref, shown?.code, String(shown?.status) === status] as const;
        }),
      );
      expect([id, examples.map(([code]) => code).sort()]).toEqual([id, problemsOf(route).toSorted()]);
      for (const [code, ...shown] of examples) expect(shown).toEqual([`#/components/examples/${code}`, code, true]);
    }
  });

  test('has every route of the table, and no other', () => {
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => `${method} ${path} ${operation.operationId}`),
    );
    expect(listed.sort()).toEqual(
      Object.entries<Route>(routes)
        .map(([id, route]) => `${route.method.toLowerCase()} ${route.path} ${id}`)
        .sort(),
    );
  });

  test.each(Object.entries<Route>(routes))('describes %s as the table does', (_id, route) => {
    const operation = document.paths[route.path]?.[route.method.toLowerCase()];
    const names = (where: string): string[] =>
      (operation?.parameters ?? []).filter((one) => one.in === where).map((one) => one.name);
    expect(names('path')).toEqual(Object.keys(route.params?.shape ?? {}));
    expect(names('query')).toEqual(Object.keys(route.query?.shape ?? {}));
    expect([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])).toEqual(names('path'));
    const bodySchema = operation?.requestBody?.content['application/json']?.schema;
    if (route.body === undefined) expect(bodySchema).toBeUndefined();
    else expect(Object.keys(bodySchema ?? {})).not.toEqual([]);
    const success =
      operation?.responses[String(route.answer.status)]?.content?.[route.answer.contentType ?? 'application/json']
        ?.schema;
    expect(Object.keys(success ?? {})).not.toEqual([]);
    for (const code of problemsOf(route))
      expect(operation?.responses[String(problemKinds[code][0])]?.content).toHaveProperty(['application/problem+json']);
  });

  test('says that unknown fields of a task are refused, and which ones are needed', () => {
    const task = document.components.schemas['TaskRequest'];
    expect(task).toMatchObject({ type: 'object', additionalProperties: false, required: ['type', 'resources'] });
    expect(Object.keys(task?.properties ?? {})).toEqual(
      expect.arrayContaining(['command', 'shell', 'env', 'requirements', 'spread']),
    );
  });
});

describe('docs/api.md', () => {
  const text = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

  test('is what the route table and the schemas say (node scripts/enter.mjs scripts/api-docs.ts)', () => {
    expect(text).toBe(apiReference());
  });

  test('states in bytes what one text and one request may be, and the body of a batch', () => {
    const flowing = text.replaceAll(/\s+/g, ' ');
    expect(text).toMatch(new RegExp(`\\| \`command\`.*each at most ${String(limits.argumentBytes)} bytes`));
    expect(text).toMatch(new RegExp(`\\| \`shell\`.*at most ${String(limits.argumentBytes)} bytes`));
    expect(text).toMatch(
      new RegExp(
        `\\| \`env\`.*${String(limits.envEntries)} environment variables, each value at most `
          + `${String(limits.envValueBytes)} bytes`,
      ),
    );
    expect(flowing).toContain(`one request, alone or in a batch, at most ${String(limits.taskBytes)} bytes`);
    expect(flowing).toContain(`\`{"requests": [{"type": "task", …}, …]}\`, 1 to ${String(limits.batchItems)} requests`);
  });

  test('names every route and every problem', () => {
    for (const route of [...Object.values<Route>(routes), ...Object.values<Route>(agentRoutes)])
      expect(text).toContain(`### ${route.method} ${route.path}`);
    for (const code of Object.keys(problemKinds)) expect(text).toContain(`\`${code}\``);
  });
});

test('permissions are those that the identity port knows', () => {
  for (const route of Object.values<Route>(routes))
    expect(['read', 'request', 'pool-admin', 'none']).toContain(route.permission);
  for (const route of Object.values<Route>(agentRoutes)) expect(route.permission).toBe('agent');
});
