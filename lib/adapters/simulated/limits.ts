// Account quotas in vCPU, by the classes in which EC2 counts them ("Amazon EC2 instance type quotas").
import type { CapacityType } from '../../core/offering.ts';

/** The quota class of an instance family, e.g. `standard` for c7g, `g` for g5. */
export function quotaClass(family: string): string {
  if (/^u\d*-|^u\d/.test(family)) return 'high-memory';
  for (const special of ['hpc', 'inf', 'trn', 'dl', 'vt', 'mac']) if (family.startsWith(special)) return special;
  if (family.startsWith('g')) return 'g';
  if (family.startsWith('p')) return 'p';
  if (family.startsWith('f')) return 'f';
  if (family.startsWith('x')) return 'x';
  return 'standard';
}

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
