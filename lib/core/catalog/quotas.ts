// The classes in which EC2 counts vCPUs against an account's quotas, and the codes by which Service Quotas knows them
// ("Amazon EC2 instance type quotas", "Spot Instance quotas").
import type { CapacityType } from '../values/offering.ts';

export type QuotaClass = 'standard' | 'g' | 'p' | 'f' | 'x' | 'inf' | 'trn' | 'dl' | 'hpc' | 'high-memory' | 'mac';

/** The class of an instance family, e.g. `standard` for c7g, `g` for g5 and vt1, which share one. */
export function quotaClass(family: string): QuotaClass {
  if (/^u\d*-|^u\d/.test(family)) return 'high-memory';
  // Before the letters that they begin with, which are standard.
  for (const special of ['hpc', 'inf', 'trn', 'dl', 'mac'] as const) if (family.startsWith(special)) return special;
  if (/^(g|vt)/.test(family)) return 'g';
  for (const letter of ['p', 'f', 'x'] as const) if (family.startsWith(letter)) return letter;
  return 'standard';
}

/** What each class is called, and its quotas; null: EC2 has none of the kind (`mac` runs on dedicated hosts). */
export const quotas: Readonly<
  Record<QuotaClass, { readonly families: string } & Readonly<Record<CapacityType, string | null>>>
> = {
  standard: { families: 'Standard (A, C, D, H, I, M, R, T, Z)', 'on-demand': 'L-1216C47A', spot: 'L-34B43A08' },
  g: { families: 'G and VT', 'on-demand': 'L-DB2E81BA', spot: 'L-3819A6DF' },
  p: { families: 'P', 'on-demand': 'L-417A185B', spot: 'L-7212CCBC' },
  f: { families: 'F', 'on-demand': 'L-74FC7D96', spot: 'L-88CF9481' },
  x: { families: 'X', 'on-demand': 'L-7295265B', spot: 'L-E3A00192' },
  inf: { families: 'Inf', 'on-demand': 'L-1945791B', spot: 'L-B5D1601B' },
  trn: { families: 'Trn', 'on-demand': 'L-2C3B7624', spot: 'L-6B0D517C' },
  dl: { families: 'DL', 'on-demand': 'L-6E869C2A', spot: 'L-85EED4F7' },
  hpc: { families: 'HPC', 'on-demand': 'L-F7808C92', spot: null },
  'high-memory': { families: 'High Memory', 'on-demand': 'L-43DA4232', spot: null },
  mac: { families: 'Mac', 'on-demand': null, spot: null },
};
