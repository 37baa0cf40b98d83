// Names of targets, and whether anything may be registered.
import { expect, test } from '@jest/globals';
import { mayBeRegistered, targetKey, targetOf } from '../../../../lib/core/services/targets/record.ts';

test('a target is named by its address or instance and its port', () => {
  expect([targetKey('10.0.0.1', 80), targetKey('i-1', 8_080)]).toEqual(['10.0.0.1:80', 'i-1:8080']);
  expect(targetOf('i-1:8080')).toEqual({ id: 'i-1', port: 8_080 });
  expect(targetOf(targetKey('2001:db8::1', 443))).toEqual({ id: '2001:db8::1', port: 443 });
});

test('something may be registered unless all is removed', () => {
  const of = (...states: readonly ('adding' | 'added' | 'removing' | 'removed')[]): boolean =>
    mayBeRegistered({ targets: Object.fromEntries(states.map((state, at) => [String(at), { state, atMs: 0 }])) });
  expect([of(), of('removed'), of('removed', 'adding'), of('added'), of('removing')]).toEqual([
    ...[false, false, true],
    ...[true, true],
  ]);
});
