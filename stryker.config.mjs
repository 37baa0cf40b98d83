// Stryker's settings for `npm run test:mutation`, which names the file and its tests (scripts/mutation.ts).
export default {
  // The tests' own runner: names of their files come in the environment.
  plugins: ['./scripts/jest/mutation-runner.ts'],
  testRunner: 'examples',
  testRunnerNodeArgs: ['--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  // Modules are loaded anew for each mutant, and Node keeps those it has loaded.
  maxTestRunnerReuse: 200,
  ignorePatterns: ['.bellows', 'coverage', 'dist', 'cdk.out', 'docs'],
  tempDirName: '.bellows/stryker',
  reporters: ['json'],
  jsonReporter: { fileName: process.env.BELLOWS_MUTATION_REPORT },
  concurrency: 1,
  // A mutant that loops: its tests take milliseconds otherwise. Wide, for a machine that is busy with others.
  timeoutMS: 20_000,
  logLevel: 'warn',
  allowConsoleColors: false,
};
