// Stryker's settings for `npm run test:mutation`, which names the file and its tests (scripts/mutation.ts).
export default {
  testRunner: "jest",
  // Stryker starts Jest in processes of its own: they need what scripts/test.ts gives Jest.
  testRunnerNodeArgs: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
  coverageAnalysis: "perTest",
  jest: {
    configFile: "jest.config.mjs",
    config: {
      testMatch: (process.env.BELLOWS_MUTATION_TESTS ?? "").split(",").map((path) => `<rootDir>/${path}`),
      // Coverage comes from what Stryker writes into the files: nothing else is to be set up for a test.
      setupFilesAfterEnv: [],
    },
  },
  ignorePatterns: [".bellows", "coverage", "dist", "cdk.out", "docs"],
  tempDirName: ".bellows/stryker",
  reporters: ["json"],
  jsonReporter: { fileName: process.env.BELLOWS_MUTATION_REPORT },
  concurrency: 1,
  // A mutant that loops: its tests take milliseconds otherwise. Wide, for a machine that is busy with others.
  timeoutMS: 20_000,
  logLevel: "warn",
  allowConsoleColors: false,
};
