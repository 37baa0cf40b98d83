// `plan`: its options. What it does is loaded when it is called: the engine and the catalog weigh more than the rest.
import { Option } from 'commander';
import type { Command } from 'commander';
import { awsDecisionSettings } from '../../lib/core/values/settings.ts';
import type { Run } from '../context.ts';
import type { PlanOptions } from '../plan/plan.ts';
import { number } from '../text.ts';

export function registerPlan(program: Command, run: Run): void {
  run(
    program
      .command('plan')
      .description('what would be bought for these requests; offline, needs no server')
      .requiredOption('-f, --file <file>', 'requests in YAML, JSON, JSON lines or CSV; - for standard input')
      .option(
        '--pool <file>',
        'the pool (body of PUT /v1/pools/{name}); unless given, everything in the catalog may be bought',
      )
      .option(
        '--iterations <number>',
        'steps of the search for a cheaper plan; the same number gives the same plan',
        number('--iterations'),
        awsDecisionSettings.allocationIterations,
      )
      .option(
        '--time-budget-ms <number>',
        'ends the search on a machine that is too slow for them',
        number('--time-budget-ms'),
        60_000,
      )
      .addOption(
        new Option('--placement <policy>', "instead of the pool's").choices([
          'least-cost',
          'spread',
          'least-allocated',
          'most-allocated',
          'balanced',
        ]),
      )
      .addOption(new Option('--ordering <policy>', "instead of the pool's").choices(['fifo', 'priority', 'fair-share']))
      .option('--max-node-vcpu <number>', "largest node, instead of the pool's", number('--max-node-vcpu')),
    async (context, _args, options) => {
      const { plan } = await import('../plan/plan.ts');
      plan(context, options as unknown as PlanOptions);
    },
  );
}
