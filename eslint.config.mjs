// The linter's part of the dependency rule: what must be pure cannot reach a clock, randomness or
// I/O, and the environment is read in composition roots only. (test/tidy walks the imports.)
import tseslint from 'typescript-eslint';

const compositionRoots = [
  'lib/local/**',
  'lambdas/base.ts',
  'lambdas/*/index.ts',
  'cli/main.ts',
  'agent/main.ts',
  'clients/typescript/environment.ts',
  'agent/ec2-main.ts',
  'scripts/**',
  'test/**',
];

/** Longer than 120 columns or with functions of more than 60 lines until they are rewritten: it shrinks to nothing. */
const notYetShort = [
  'lib/simulator/applications/claim-workload.ts',
  'lib/simulator/applications/clients.ts',
  'lib/simulator/checkers/protocol/04-one-launch-one-effect.ts',
  'lib/simulator/checkers/claims/09-attached-once.ts',
];

/** Tables of figures that scripts/derive-catalog.ts writes, packed: nobody reads or edits them by line. */
const packedTables = ['lib/core/catalog/data.ts', 'lib/adapters/simulated/ec2/described-types.ts'];

const envMessage = 'Only composition roots read the environment; take a validated value instead.';
const pureMessage = 'lib/core is pure: take the time, the random number or the result as an argument.';
const impureGlobals = [
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'crypto',
  'console',
  'require',
  'globalThis',
  'Buffer',
];

export default tseslint.config(
  { ignores: ['node_modules', '.bellows', 'coverage', 'dist', 'cdk.out', '**/*.mjs', '**/*.js'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'max-len': ['error', { code: 120, ignoreUrls: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: envMessage }],
      'no-restricted-imports': [
        'error',
        { paths: ['process', 'node:process'].map((name) => ({ name, importNames: ['env'], message: envMessage })) },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async function without await still turns throws into rejections, which ports rely on.
      '@typescript-eslint/require-await': 'off',
    },
  },
  // A suite is one function, and so is a construct's constructor; a regular expression cannot be broken.
  { files: ['test/**', 'lib/infra/**'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['test/**'], rules: { 'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }] } },
  { files: packedTables, rules: { 'max-len': 'off' } },
  { files: notYetShort, rules: { 'max-len': 'off', 'max-lines-per-function': 'off' } },
  { files: compositionRoots, rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' } },
  {
    files: ['lib/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals.map((name) => ({ name, message: pureMessage }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: pureMessage },
        { object: 'Math', property: 'random', message: pureMessage },
        { property: 'localeCompare', message: "Its order depends on the machine's locale; compare with < and >." },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'fs', 'os', 'path', 'crypto', 'timers', 'process'], message: pureMessage }] },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: pureMessage },
        { selector: "CallExpression[callee.name='Date']", message: pureMessage },
        { selector: 'AwaitExpression', message: 'lib/core never waits.' },
        { selector: 'ForOfStatement[await=true]', message: 'lib/core never waits.' },
        { selector: ':function[async=true]', message: 'lib/core has no async functions.' },
        { selector: 'ImportExpression', message: 'lib/core imports statically.' },
      ],
    },
  },
);
