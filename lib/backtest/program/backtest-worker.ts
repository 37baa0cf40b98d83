// A child process of a back-test: takes one variant after the other from its parent, tells how far it is, and answers
// each with its figures, the oracle's for its pools, or why there are none. It ends when its parent closes the channel,
// or is gone.
import type { OracleResult } from '../oracle/index.ts';
import type { VariantResult } from '../results.ts';
import { runOracle, runVariant } from './run-variant.ts';
import type { RunOptions } from './run-variant.ts';
import type { Variant } from './variants.ts';

export interface Order {
  readonly variant: Variant;
  /** Not the variant is run, but the oracle for its pools. */
  readonly isOracle: boolean;
  readonly options: RunOptions;
}

export type Answer =
  | { readonly kind: 'progress'; readonly ended: number; readonly tasks: number }
  | { readonly kind: 'result'; readonly result: VariantResult }
  | { readonly kind: 'oracle'; readonly oracle: OracleResult | null }
  | { readonly kind: 'error'; readonly message: string };

const progressEveryMs = 500;

function answer(message: Answer): void {
  process.send?.(message);
}

async function serve({ variant, options, isOracle }: Order): Promise<void> {
  if (isOracle) return answer({ kind: 'oracle', oracle: runOracle(variant.pools, options) });
  let reportedAtMs = 0;
  const result = await runVariant(variant, options, (ended, tasks) => {
    const nowMs = performance.now();
    if (nowMs - reportedAtMs < progressEveryMs) return;
    reportedAtMs = nowMs;
    answer({ kind: 'progress', ended, tasks });
  });
  answer({ kind: 'result', result });
}

process.on('message', (order: Order) => {
  serve(order).catch((error: unknown) => {
    answer({ kind: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
process.on('disconnect', () => process.exit(0));
