// Services that are away for minutes: the event bus (events and wakes), outputs (S3), metrics, and a store that
// throttles most of its calls. Nothing that decides may stop for the first three, and every event is published
// afterwards.
import type { Kernel } from '../kernel.ts';
import type { Trace } from '../trace.ts';
import type { FaultDraws } from './fault-draws.ts';

export type Service = 'busOutage' | 'outputsOutage' | 'metricsOutage' | 'storeOutage';

export interface ServiceOutagesOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly busyMs: number;
}

interface Outage {
  readonly untilMs: number;
  /** Share of calls that are met. */
  readonly share: number;
  /** Calls get no answer at all, instead of an error. */
  readonly hangs: boolean;
}

const minuteMs = 60_000;
const services = ['busOutage', 'outputsOutage', 'metricsOutage', 'storeOutage'] as const satisfies readonly Service[];
/** The SDK gives a call up after this time. */
const callTimeoutMs = 5_000;

export class ServiceOutages {
  readonly #options: ServiceOutagesOptions;
  readonly #outages = new Map<Service, Outage>();

  constructor(options: ServiceOutagesOptions) {
    this.#options = options;
    for (const service of services) if (options.draws.hits(service)) this.#plan(service);
  }

  /** The service is away from now on, for so long. */
  begin(service: Service, forMs: number, hangs: boolean, share = 1): void {
    const { kernel, trace } = this.#options;
    this.#outages.set(service, { untilMs: kernel.nowMs + forMs, share, hangs });
    const how = hangs ? 'does not answer' : 'refuses';
    trace.write(
      kernel.nowMs,
      service,
      `${how} ${(100 * share).toFixed(0)} % of its calls for ${(forMs / 1000).toFixed(0)} s`,
    );
  }

  /** Whether a call of this moment fails; where calls hang, only after the time limit of all its tries. */
  async meets(service: Service, tries = 1): Promise<boolean> {
    const { kernel, draws } = this.#options;
    const outage = this.#outages.get(service);
    if (!outage || draws.isCalm || kernel.nowMs >= outage.untilMs) return false;
    if (outage.share < 1 && !draws.of(service).chance(outage.share)) return false;
    draws.count(service);
    if (outage.hangs) await new Promise<void>((resolve) => kernel.after(tries * callTimeoutMs, resolve));
    return true;
  }

  #plan(service: Service): void {
    const { kernel, draws, busyMs } = this.#options;
    const stream = draws.of(service);
    const forMs = stream.between(minuteMs, service === 'storeOutage' ? 6 * minuteMs : 15 * minuteMs);
    const share = service === 'storeOutage' ? stream.pick([0.5, 0.8, 0.95, 1]) : 1;
    const hangs = service !== 'storeOutage' && stream.chance(0.5);
    kernel.at(stream.between(0, 0.8) * busyMs, () => this.begin(service, forMs, hangs, share));
  }
}
