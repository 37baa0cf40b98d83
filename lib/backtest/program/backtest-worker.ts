// A child process of a back-test: takes one variant after the other from its parent, tells how far it is, and answers
// each with its figures, or with why there are none. It ends when its parent closes the channel, or is gone.
import type { VariantResult } from '../results.ts';
import { runVariant } from './run-variant.ts';
import type { RunOptions } from './run-variant.ts';
import type { Variant } from './variants.ts';

export interface Order {
  readonly variant: Variant;
  readonly options: RunOptions;
}

export type Answer =
  | { readonly kind: 'progress'; readonly ended: number; readonly tasks: number }
  | { readonly kind: 'result'; readonly result: VariantResult }
  | { readonly kind: 'error'; readonly message: string };

const progressEveryMs = 500;

function answer(message: Answer): void {
  process.send?.(message);
}

async function serve({ variant, options }: Order): Promise<void> {
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
