// The account's vCPU quotas, spot and on-demand, of the classes in which EC2 counts: lowered below what runs, raised,
// and taken away while things run. A launch beyond a quota is refused with EC2's code after EC2 has noted its token.
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import type { QuotaClass } from '../../core/catalog/quotas.ts';
import type { CapacityType } from '../../core/values/offering.ts';
import type { Kernel } from '../kernel.ts';
import type { Trace } from '../trace.ts';
import { everyMinute } from './every-minute.ts';
import type { FaultDraws } from './fault-draws.ts';

export interface QuotaFaultsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly cloud: SimulatedCloud;
}

const capacityTypes = ['spot', 'on-demand'] as const satisfies readonly CapacityType[];
/** The classes of the families that a run buys. */
const classes = ['standard', 'x'] as const satisfies readonly QuotaClass[];

export class QuotaFaults {
  readonly #options: QuotaFaultsOptions;

  constructor(options: QuotaFaultsOptions) {
    this.#options = options;
    const { draws } = options;
    // Most accounts begin with quotas that are small, and the same for weeks.
    if (draws.rates.quota > 0)
      for (const capacityType of capacityTypes)
        this.#set(capacityType, 'standard', Math.round(draws.of('quota').logBetween(1, 32)));
    everyMinute(options, () => {
      if (draws.hits('quota')) this.#change();
    });
  }

  /** AWS has raised them all beyond what anybody asks for. */
  calm(): void {
    for (const capacityType of capacityTypes)
      for (const one of classes) this.#options.cloud.setVcpuLimit(capacityType, one, null);
  }

  #change(): void {
    const stream = this.#options.draws.of('quota');
    const vcpu = stream.pick([0, stream.integer(1, 8), stream.integer(8, 64), null]);
    this.#set(stream.pick(capacityTypes), stream.pick(classes), vcpu);
  }

  #set(capacityType: CapacityType, quotaClass: QuotaClass, vcpu: number | null): void {
    const { cloud, trace, kernel } = this.#options;
    const text = vcpu === null ? 'as large as anybody wants' : `${String(vcpu)} vCPU`;
    trace.write(kernel.nowMs, 'account', `the ${capacityType} quota of ${quotaClass} is ${text}`);
    cloud.setVcpuLimit(capacityType, quotaClass, vcpu);
  }
}
