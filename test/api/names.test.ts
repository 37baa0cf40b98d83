// Names and labels as the API takes them, filters, and what was asked for as it is shown again.
import { describe, expect, test } from '@jest/globals';
import { fieldErrors } from '../../lib/api/problems.ts';
import { askedView, presentAsked } from '../../lib/api/schemas/asked.ts';
import { claimSpecOf, storageBody } from '../../lib/api/schemas/claims.ts';
import { requestBody, taskSpecOf, taskBody } from '../../lib/api/schemas/requests.ts';
import { labelFilter, requestName } from '../../lib/api/schemas/values.ts';
import { newClaim } from '../../lib/core/claims/lifecycle.ts';
import { newRequest } from '../../lib/core/tasks/request-lifecycle.ts';

const task = { type: 'task', resources: { vcpu: 1, memoryMib: 512 }, shell: 'true' };

function errorsOf(more: object, base: object = task): { path: string; message: string }[] {
  const result = requestBody.safeParse({ ...base, ...more });
  return result.success ? [] : fieldErrors(result.error.issues);
}

const fields = { id: 'r', tenant: 't', pool: 'p', bodyHash: 'h' };

describe('names and labels', () => {
  test('are kept as they came, with tasks and claims', () => {
    const named = { name: 'nightly-1', labels: { team: 'search', 'a/b.c': 'x y', constructor: 'odd' } };
    expect(taskSpecOf(taskBody.parse({ ...task, ...named }))).toMatchObject(named);
    expect(claimSpecOf(storageBody.parse({ type: 'storage', sizeGib: 10, ...named }))).toMatchObject(named);
    expect(errorsOf(named)).toEqual([]);
  });

  test.each<[object, string]>([
    [{ name: '' }, 'name'],
    [{ name: 'a b' }, 'name'],
    [{ name: '-a' }, 'name'],
    [{ name: 'x'.repeat(129) }, 'name'],
    // What looks like an id would be taken for one.
    [{ name: 'r-0123abcd' }, 'name'],
    [{ labels: { '': 'x' } }, 'labels'],
    [{ labels: { 'a b': 'x' } }, 'labels'],
    [{ labels: { a: '' } }, 'labels.a'],
    [{ labels: { a: 'x,y' } }, 'labels.a'],
    [{ labels: { a: 'é' } }, 'labels.a'],
    [{ labels: { a: 1 } }, 'labels.a'],
    [{ labels: ['a'] }, 'labels'],
    [{ labels: JSON.parse('{"__proto__": "x"}') as object }, 'labels'],
    [{ labels: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${String(n)}`, 'x'])) }, 'labels'],
  ])('%j is refused', (more, path) => {
    for (const base of [task, { type: 'storage', sizeGib: 10 }])
      expect(errorsOf(more, base).some((error) => error.path.startsWith(path))).toBe(true);
  });

  test('a filter is a list of labels, all of which are wanted', () => {
    expect(labelFilter.parse('team=a b')).toEqual([['team', 'a b']]);
    expect(labelFilter.parse('team=a=b,env=prod')).toEqual([
      ['team', 'a=b'],
      ['env', 'prod'],
    ]);
    for (const wrong of ['', 'team', 'team=', '=a', 'a=1,b=2,c=3,d=4,e=5,f=6', 'a b=1'])
      expect([wrong, labelFilter.safeParse(wrong).success]).toEqual([wrong, false]);
    expect(requestName.safeParse('r-x').success).toBe(true);
  });
});

describe('what was asked for', () => {
  test('of a task is shown again, but for the values of its environment', () => {
    const body = taskBody.parse({
      ...task,
      env: { TOKEN: 'hush' },
      priority: 2,
      retries: 1,
      timeoutSeconds: 1.5,
      requirements: { arch: ['arm64'] },
    });
    const asked = askedView.parse(presentAsked(newRequest({ ...fields, spec: taskSpecOf(body) }, 1)));
    expect(asked).toEqual({
      shell: 'true',
      env: ['TOKEN'],
      resources: { vcpu: 1, memoryMib: 512, gpu: 0 },
      requirements: { arch: ['arm64'] },
      priority: 2,
      retries: 1,
      timeoutSeconds: 1.5,
    });
  });

  test('of a container has its image; of a volume its needs', () => {
    const spec = taskSpecOf(taskBody.parse({ ...task, shell: undefined, image: 'alpine:3' }));
    const shown = presentAsked(newRequest({ ...fields, spec }, 1));
    expect([shown.image, shown.command, shown.shell]).toEqual(['alpine:3', undefined, undefined]);
    const body = storageBody.parse({ type: 'storage', sizeGib: 10, leaseSeconds: 60, zone: 'us-east-1a' });
    expect(presentAsked(newClaim({ ...fields, spec: claimSpecOf(body) }, 1))).toEqual({
      sizeGib: 10,
      leaseSeconds: 60,
      zone: 'us-east-1a',
      onRelease: 'delete',
    });
  });
});
