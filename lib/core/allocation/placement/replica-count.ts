// How many replicas of each service are in each zone, while more are placed and bought.
import type { Bin } from '../types.ts';

export class ReplicaCount {
  readonly #count = new Map<string, Map<string, number>>();

  constructor(bins: readonly Pick<Bin, 'services' | 'offering'>[]) {
    for (const { services, offering } of bins)
      for (const [service, count] of Object.entries(services ?? {})) this.add(service, offering.zone, count);
  }

  of(service: string, zone: string): number {
    return this.#count.get(service)?.get(zone) ?? 0;
  }

  add(service: string, zone: string, count: number): void {
    const zones = this.#count.get(service) ?? new Map<string, number>();
    this.#count.set(service, zones.set(zone, (zones.get(zone) ?? 0) + count));
  }
}
