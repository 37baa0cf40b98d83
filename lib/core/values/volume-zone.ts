// A volume attaches only to instances in its own zone: the rule, and its texts, for machines and for nodes of tasks.

/** Why one machine cannot use volumes in these zones; null: it can. */
export function volumeZoneConflict(zones: Iterable<string | null | undefined>): string | null {
  const all = [...new Set(zones)].map((zone) => zone ?? 'no zone').sort();
  return all.length > 1
    ? `its volumes are in ${all.join(' and ')}: a volume attaches only within its zone, so one machine takes volumes `
        + 'of one zone'
    : null;
}

/** Why the volume cannot be attached to the machine; null: it can. */
export function attachZoneConflict(machine: string, machineZone: string | null, zone: string | null): string | null {
  return machineZone === zone
    ? null
    : `${machine} runs in ${machineZone ?? 'no zone'} and the volume is in ${zone ?? 'none'}: a volume attaches only `
        + 'within its zone';
}
