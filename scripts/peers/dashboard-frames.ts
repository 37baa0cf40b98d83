// How the dashboard bears large installations, in the machine's Chromium: `node scripts/enter.mjs
// scripts/peers/dashboard-frames.ts`. Of each view: when its first rows are drawn, how long its main thread is at work
// without a pause (long animation frames), and what that costs in CPU while one scrolls from end to end.
import { Chromium } from '../../test/dashboard/chromium.ts';
import { arrayId, startWorld } from './dashboard-world.ts';

const scrolledMs = 8_000;

/** In the page: counts long frames from now on, and scrolls to the end and back for so long. */
const scroll = `new Promise((done) => {
  const long = [];
  const scripts = {};
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      long.push([one.duration, one.blockingDuration]);
      for (const { sourceFunctionName, invoker, duration, forcedStyleAndLayoutDuration } of one.scripts) {
        const name = sourceFunctionName + ' ' + invoker + (forcedStyleAndLayoutDuration > 5 ? ' layout' : '');
        scripts[name] = Math.max(scripts[name] ?? 0, Math.round(duration));
      }
    }
  }).observe({ type: 'long-animation-frame', buffered: true });
  const start = performance.now();
  const rows = [];
  let steps = 0;
  const step = (now) => {
    const share = (now - start) / ${String(scrolledMs)};
    if (share >= 1) { done({ long, scripts, steps, rows: Math.max(...rows) }); return; }
    steps += 1;
    rows.push(document.querySelectorAll('tbody tr').length);
    scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * (0.5 - 0.5 * Math.cos(share * 6.28)));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

interface Scrolled {
  readonly long: readonly (readonly [number, number])[];
  readonly scripts: Readonly<Record<string, number>>;
  readonly steps: number;
  readonly rows: number;
}

async function measure(title: string, hash: string, isLoaded: string): Promise<void> {
  const browser = await Chromium.open();
  try {
    await browser.send('Performance.enable', { timeDomain: 'threadTicks' });
    const stop = await trace(browser);
    await browser.goTo(`${url}/#/${hash}`);
    await browser.until("document.querySelector('tbody a, canvas, .tiles') !== null");
    const firstMs = await browser.evaluate('performance.now()');
    const first = await cpuOf(browser);
    await browser.until(isLoaded);
    const before = await cpuOf(browser);
    const { long, scripts, steps, rows } = (await browser.evaluate(scroll)) as Scrolled;
    const longestCpuMs = await stop();
    const after = await cpuOf(browser);
    const most = Math.max(0, ...long.map(([ms]) => ms));
    const worst = Object.entries(scripts)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 6)
      .map(([name, ms]) => `${name}: ${String(ms)} ms`);
    const percentOf = (a: number, b: number): string => `${((100 * (b - a)) / (scrolledMs / 1000)).toFixed(0)} %`;
    process.stdout.write(
      `${title}: there after ${Number(firstMs).toFixed(0)} ms (${(first.task * 1000).toFixed(0)} ms of CPU); `
        + `at most ${String(rows)} rows drawn; `
        + `${String(steps)} frames, ${String(long.filter(([ms]) => ms > 100).length)} over 100 ms by the clock, the `
        + `longest ${most.toFixed(0)} ms; the longest task takes ${longestCpuMs.slice(0, 5).join(', ')} ms of CPU; in `
        + `all ${percentOf(before.task, after.task)} of a core (scripts ${percentOf(before.script, after.script)}), `
        + `heap ${(after.heap / 1e6).toFixed(0)} MB\n  ${worst.join('\n  ')}\n`,
    );
    if (browser.said.length > 0) throw new Error(browser.said.join('\n'));
  } finally {
    await browser.close();
  }
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** CPU of the tasks of the main thread of the page, the dearest first, in ms: what others do is not in it. */
async function trace(browser: Chromium): Promise<() => Promise<readonly string[]>> {
  const events: TraceEvent[] = [];
  const { promise: isOver, resolve } = Promise.withResolvers<undefined>();
  browser.onEvent = (method, params) => {
    if (method === 'Tracing.dataCollected') events.push(...(params['value'] as TraceEvent[]));
    if (method === 'Tracing.tracingComplete') resolve(undefined);
  };
  await browser.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: ['disabled-by-default-devtools.timeline', 'toplevel'],
      excludedCategories: ['*'],
    },
  });
  return async () => {
    await browser.send('Tracing.end');
    await isOver;
    const mains = new Set(
      events
        .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${String(pid)} ${String(tid)}`),
    );
    return events
      .filter(({ pid, tid, tdur }) => tdur !== undefined && mains.has(`${String(pid)} ${String(tid)}`))
      .map(({ tdur = 0 }) => tdur / 1000)
      .sort((a, b) => b - a)
      .map((ms) => ms.toFixed(0));
  };
}

async function cpuOf(browser: Chromium): Promise<{ task: number; script: number; heap: number }> {
  const { metrics } = (await browser.send('Performance.getMetrics')) as { metrics: { name: string; value: number }[] };
  const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
  return { task: of('TaskDuration'), script: of('ScriptDuration'), heap: of('JSHeapUsedSize') };
}

const { url, server } = await startWorld({ nodes: 10_000, tasksPerNode: 10, requests: 100_000, tasks: 10_000 });
try {
  const which = process.argv.slice(2);
  const isWanted = (name: string): boolean => which.length === 0 || which.includes(name);
  if (isWanted('nodes'))
    await measure('10,000 nodes of 10 tasks', 'nodes', "document.body.textContent.includes('10,000 nodes')");
  // A row is read when one comes near it: so the end is gone to until all are here.
  const end = "scrollTo(0, 1e9), document.querySelector('table')?.getAttribute('aria-rowcount') === '100001'";
  if (isWanted('requests')) await measure('100,000 requests', 'requests', end);
  if (isWanted('array'))
    await measure('an array of 10,000 tasks', `requests/${arrayId}`, "document.querySelector('.chosen') !== null");
  if (isWanted('now')) await measure('Now', 'now', 'true');
} finally {
  server.close();
  server.closeAllConnections();
}
