// Two ways to run a file. What is pure or in memory, makes templates, or simulates, is run by processes of our own,
// which load what the files share once (scripts/jest/runner.mjs). What opens servers, files and processes has a world of
// Jest's for each file, as native ES modules on Node 24: there the same code takes up to twice the CPU. Types are erased
// in both, not compiled, so line numbers stay true.
import { availableParallelism } from 'node:os';

const shared = {
  // What only `npm run test:long` runs, or who names it.
  testPathIgnorePatterns: process.env.BELLOWS_TEST_LONG === 'true' ? [] : ['\\.long\\.test\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/(.bellows|coverage|dist|cdk.out)/'],
  // Not beside the temporary files, which are deleted after every run.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
};
const inOneWorld = 'core|control|api|infra|backtest|simulation|tidy';

export default {
  projects: [
    {
      ...shared,
      roots: ['<rootDir>/test'],
      testMatch: [`<rootDir>/test/(${inOneWorld})/**/*.test.ts`],
      runner: '<rootDir>/scripts/jest/runner.mjs',
      transform: {},
    },
    {
      ...shared,
      testMatch: [`<rootDir>/test/!(${inOneWorld})/**/*.test.ts`],
      testEnvironment: 'node',
      setupFilesAfterEnv: ['<rootDir>/scripts/jest/measure.mjs'],
      injectGlobals: false,
      extensionsToTreatAsEsm: ['.ts'],
      transform: { '\\.ts$': '<rootDir>/scripts/jest/strip-types.mjs' },
    },
  ],
  watchman: false,
  // Two at least: the default on two cores is one.
  maxWorkers: Math.max(2, Math.min(4, availableParallelism())),
  // Jest keeps what the files of a worker loaded: beyond this a new worker is cheaper than collecting its garbage.
  workerIdleMemoryLimit: '300MB',
  // A worker ends once its event loop is empty, which takes longer than half a second (the default) on a busy machine;
  // one that is killed after this has left something open, which the reporter names.
  workerGracefulExitTimeout: 10_000,
  // It catches what hangs, on a machine that is busy with others as well; no test has a limit of its own.
  testTimeout: 600_000,
  reporters: ['<rootDir>/scripts/jest/reporter.mjs'],
  openHandlesTimeout: 0, // the reporter speaks about open handles, so that its closing line stays last
};
