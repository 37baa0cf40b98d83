// `preflight`: its options. What it does is loaded when it is called.
import type { Command } from 'commander';
import type { Run } from '../../context.ts';
import type { PreflightOptions } from '../../checks/preflight/preflight.ts';

export function registerPreflight(program: Command, run: Run): void {
  run(
    program
      .command('preflight')
      .description('would a launch on AWS work? each thing it needs, with its cure; exit 1 if something would fail')
      .option(
        '--stack <name>',
        'the deployed stack; while there is none, what a deployment will need is checked',
        'Bellows-default',
      )
      .option(
        '--pools <file>',
        'a file with pools, as for `cdk deploy -c pools=…`; unless given, those that the API lists',
      )
      .option('--vpc <id>', 'before a deployment: the VPC that nodes shall live in'),
    async (context, _args, options) => {
      const { preflight } = await import('../../checks/preflight/preflight.ts');
      await preflight(context, options as unknown as PreflightOptions);
    },
  );
}
