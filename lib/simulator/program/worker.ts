// A child process of a run of many seeds: takes one seed after the other from its parent, and answers each with its
// summary. It ends when its parent closes the channel, or is gone.
import type { RunOptions } from '../run/types.ts';
import { runSeed } from './seed-run.ts';

export interface WorkerOrder {
  readonly options: Omit<RunOptions, 'leftOut'>;
  readonly leftOut: readonly number[] | null;
}

async function serve({ options, leftOut }: WorkerOrder): Promise<void> {
  const { summary } = await runSeed({ ...options, leftOut: leftOut ? new Set(leftOut) : undefined });
  process.send?.(summary);
}

// A terminal's Ctrl-C reaches the whole group: the parent decides, and the seed that runs comes to its end.
process.on('SIGINT', () => undefined);
process.on('message', (order: WorkerOrder) => void serve(order));
