// The page at /docs: everything of the contract is there, every link leads somewhere, and nothing else is loaded.
import { expect, test } from '@jest/globals';
import { docsPage } from '../../lib/api/docs-page.ts';
import { openApiDocument } from '../../lib/api/openapi.ts';
import type { problemKinds } from '../../lib/api/problems.ts';
import { routes } from '../../lib/api/routes.ts';

const page = docsPage();
const ids = new Set([...page.matchAll(/<details id="([^"]+)"/g)].map(([, id]) => id));

test('has every operation, type and code, each with an address of its own', () => {
  const { components } = openApiDocument() as unknown as { components: { schemas: object } };
  const types = Object.keys(components.schemas).map((name) => `type-${name}`);
  expect([...ids].sort()).toEqual([...Object.keys(routes), ...types].sort());
  for (const code of ['invalid_request', 'unknown_pool', 'unsatisfiable'] satisfies (keyof typeof problemKinds)[])
    expect(page).toContain(code);
});

test('links only to what is there', () => {
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets.length).toBeGreaterThan(50);
  expect(targets.filter((id) => !ids.has(id))).toEqual([]);
});

test('loads nothing and runs nothing from elsewhere', () => {
  expect(page).not.toMatch(/<(?:script|link|img|iframe)[^>]*(?:src|href)=/);
  expect(page).not.toMatch(/https?:\/\//);
});

test('shows what a field is, and what it is unless it is given', () => {
  const task = /<details id="type-TaskRequest">.*?<\/details>/s.exec(page)?.[0];
  expect(task).toContain('<code>count</code></td><td>integer (at least 1, at most 10000)</td>');
  expect(task).toContain('unless given <code>1</code>');
  expect(task).toContain('<a href="#type-Resources">Resources</a></td><td>required</td>');
});

test('unfolds lists of objects of several kinds', () => {
  const service = /<details id="type-Service">.*?<\/details>/s.exec(page)?.[0];
  expect(service).toContain('policies[] (kind &quot;manual&quot;).replicas');
});
