// What an exit code says: its number always, the convention where there is one, and before it what the agent knows.
import { expect, test } from '@jest/globals';
import { exitReason } from '../../../lib/core/values/exit-code.ts';

test.each<[number | null, string | null, string]>([
  [null, null, 'no exit code'],
  [null, 'its start failed', 'its start failed'],
  [0, null, 'exit code 0'],
  [1, null, 'exit code 1'],
  [126, null, 'exit code 126: by convention, found, but could not be executed'],
  [127, null, 'exit code 127: by convention, command not found'],
  [128, null, 'exit code 128'],
  [129, null, 'exit code 129: by convention, killed by signal 1 (SIGHUP)'],
  [137, null, 'exit code 137: by convention, killed by signal 9 (SIGKILL)'],
  [137, 'out of memory', 'exit code 137: out of memory'],
  [145, null, 'exit code 145'],
  [159, null, 'exit code 159: by convention, killed by signal 31 (SIGSYS)'],
  [160, null, 'exit code 160'],
])('exit code %p, of which the agent knows %p: %s', (exitCode, known, reason) => {
  expect(exitReason(exitCode, known)).toBe(reason);
});

/** `kill -l` on Linux; a dash where a signal has no name that is worth telling. */
const names = [
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT',
  '- - - - - - - XCPU XFSZ VTALRM PROF - IO PWR SYS',
]
  .join(' ')
  .split(' ');

test.each(names.map((name, at) => [at + 1, name] as const))('signal %i is SIG%s', (signal, name) => {
  const said = `exit code ${String(128 + signal)}`;
  const expected = name === '-' ? said : `${said}: by convention, killed by signal ${String(signal)} (SIG${name})`;
  expect(exitReason(128 + signal, null)).toBe(expected);
});
