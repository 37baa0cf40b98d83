// Runs files of tests, one after the other, for scripts/jest/runner.mjs. What one file leaves, the next one finds, but
// for the environment: modules are the same ones, so what a module remembers must be right for every file.
import { enableCompileCache, flushCompileCache, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { costsOf } from './cost.ts';
import { examples, globalsSource, globalsUrl, openRoom, textOf } from './examples.ts';
import { Run } from './run.ts';
import type { Choice, Outcome } from './run.ts';

/** What the runner asks for. */
interface Job extends Choice {
  readonly path: string;
}

/** What the runner hears. */
interface Answer {
  readonly outcomes: readonly Outcome[];
  /** Why the file could not be run, or what went wrong after its last test. */
  readonly error: string | null;
  readonly residentBytes: number;
}

let run: Run | null = null;

// What Node compiled is read by the next process: stripping the types of all files is half of loading them.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)));
Object.assign(globalThis, { bellowsExamples: examples });
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: globalsUrl, format: 'module', shortCircuit: true };
    return next(specifier, context);
  },
  load(url, context, next) {
    if (url === globalsUrl) return { format: 'module', source: globalsSource, shortCircuit: true };
    return next(url, context);
  },
});
process.on('unhandledRejection', (error) => run?.strays.push(error));
process.on('uncaughtException', (error) => run?.strays.push(error));
process.on('disconnect', () => {
  process.exit();
});
process.on('message', (job) => {
  void answer(job as Job);
});

async function answer(job: Job): Promise<void> {
  const { env } = process;
  process.env = { ...env };
  const noteCosts = costsOf();
  const current = (run = new Run(job));
  let error: string | null = null;
  try {
    const room = openRoom('');
    await import(pathToFileURL(job.path).href);
    await current.room(room, []);
    if (current.outcomes.length === 0) throw new Error('the file has no test');
  } catch (thrown) {
    error = textOf(thrown);
  }
  process.env = env;
  // Not left for the end: this process is killed once the last file's outcomes are known.
  flushCompileCache();
  noteCosts(job.path);
  const { rss } = process.memoryUsage();
  process.send?.({ outcomes: current.outcomes, error, residentBytes: rss } satisfies Answer);
}
