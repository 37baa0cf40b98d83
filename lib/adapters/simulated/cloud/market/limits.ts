// Counts vCPUs against account quotas, by the classes in which EC2 does.
import { quotaClass } from '../../../../core/catalog/quotas.ts';
import type { CapacityType } from '../../../../core/values/offering.ts';

export class VcpuUsage {
  private readonly used = new Map<string, number>();

  add(capacityType: CapacityType, family: string, vcpu: number): void {
    const key = `${capacityType}/${quotaClass(family)}`;
    this.used.set(key, (this.used.get(key) ?? 0) + vcpu);
  }

  usedIn(capacityType: CapacityType, family: string): number {
    return this.used.get(`${capacityType}/${quotaClass(family)}`) ?? 0;
  }
}
