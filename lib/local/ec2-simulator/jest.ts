// The EC2 simulator in tests of Jest, and of what has Jest's hooks (Vitest; node:test by names of its own): one
// simulator for a test file, in its process, empty before each test.
import { startEc2Simulator } from './library.ts';
import type { RunningSimulator, SimulatorOptions } from './library.ts';

type Hook = (run: () => Promise<void>) => unknown;

export interface TestHooks {
  readonly beforeAll: Hook;
  readonly beforeEach: Hook;
  readonly afterAll: Hook;
}

/**
 * Registers hooks, and answers the simulator that is there while tests run; `instant` is on where it is not said.
 * `hooks`: where they are not global, those of the test framework.
 * @throws Error where there are no hooks; and of every use before the tests run
 */
export function useEc2Simulator(
  options: SimulatorOptions = {},
  hooks: TestHooks = globalHooks(),
): Omit<RunningSimulator, 'close'> {
  let running: RunningSimulator | null = null;
  const simulator = (): RunningSimulator => {
    if (running) return running;
    throw new Error('the simulator is there while tests and hooks run, not while they are being defined');
  };
  hooks.beforeAll(async () => {
    running = await startEc2Simulator({ instant: true, ...options });
  });
  hooks.beforeEach(() => simulator().reset());
  hooks.afterAll(async () => {
    await running?.close();
    running = null;
  });
  return {
    get endpoint() {
      return simulator().endpoint;
    },
    get port() {
      return simulator().port;
    },
    get clientConfig() {
      return simulator().clientConfig;
    },
    serveMetadata: (port) => simulator().serveMetadata(port),
    control: (method, route, body) => simulator().control(method, route, body),
    reset: (but) => simulator().reset(but),
    step: (ms) => simulator().step(ms),
  };
}

function globalHooks(): TestHooks {
  const { beforeAll, beforeEach, afterAll } = globalThis as Partial<TestHooks>;
  if (beforeAll && beforeEach && afterAll) return { beforeAll, beforeEach, afterAll };
  throw new Error(
    'there are no global hooks; hand them over: useEc2Simulator(options, { beforeAll, beforeEach, afterAll })',
  );
}
