// Policies of services, as the API takes them.
import { expect, test } from '@jest/globals';
import { serviceBody } from '../../lib/api/schemas/tasks/services.ts';

const template = { shell: 'sleep 1000', resources: { vcpu: 0.5, memoryMib: 256 } };

function objections(policies: readonly object[], bounds: object): readonly string[] {
  const read = serviceBody.safeParse({ template, ...bounds, policies });
  return read.success ? [] : read.error.issues.map((one) => one.path.join('.'));
}

const cpu = { kind: 'target', name: 'cpu', metric: 'cpu', target: 60 };
const average = { kind: 'target', name: 'load', metric: 'reported', reported: 'load', of: 'average', target: 5 };

test('the count may go to 0 only where something moves it from there', () => {
  expect(objections([cpu, average], { min: 0, max: 4 })).toEqual(['min']);
  expect(objections([cpu, average], { min: 1, max: 4 })).toEqual([]);
  expect(objections([cpu, { ...average, of: 'total' }], { min: 0, max: 4 })).toEqual([]);
  expect(
    objections([cpu, { kind: 'schedule', name: 's', entries: [{ cron: '0 8 * * *', replicas: 2 }] }], {
      min: 0,
      max: 4,
    }),
  ).toEqual([]);
});
