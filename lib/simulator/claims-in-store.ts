// Claims as the store has them, put together from their rows and the documents of what they have, by rules of the
// simulator's own: control's must not be judged by themselves.
import type { ClaimRecord, ClaimRow } from '../core/records/claim.ts';
import type { ClaimedMachine, MachinePart, WarmMachine } from '../core/records/machine.ts';
import type { ClaimedVolume, VolumePart } from '../core/records/volume.ts';

interface Stored {
  row: ClaimRow | null;
  readonly machines: Map<number, ClaimedMachine>;
  readonly volumes: Map<string, ClaimedVolume>;
}

function has<K extends string>(value: unknown, ...keys: readonly K[]): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

function isRow(value: unknown): value is ClaimRow {
  return has(value, 'bodyHash', 'spec', 'counts') && has(value.spec, 'type') && value.spec.type !== 'task';
}

function isWarm(value: unknown): value is WarmMachine {
  return has(value, 'life', 'instanceId');
}

function isMachine(value: unknown): value is ClaimedMachine {
  return has(value, 'claim', 'index', 'instanceId', 'reserved') && value.claim !== null;
}

function isVolume(value: unknown): value is ClaimedVolume {
  return has(value, 'claim', 'place', 'shape');
}

export class ClaimsInStore {
  readonly #stored = new Map<string, Stored>();

  /** Whose claim, or which warm machine, changed; null: the record is none of a claim. */
  changed(before: unknown, after: unknown): string | null {
    const sample = after ?? before;
    const isGone = after === undefined;
    if (isWarm(sample)) {
      const stored = this.#of(sample.id);
      stored.row = isGone ? null : sample.life;
      stored.machines.clear();
      if (!isGone) stored.machines.set(0, { ...sample, claim: sample.id });
      return sample.id;
    }
    if (isRow(sample)) {
      this.#of(sample.id).row = isGone ? null : sample;
      return sample.id;
    }
    if (!isMachine(sample) && !isVolume(sample)) return null;
    const { row, machines, volumes } = this.#of(sample.claim);
    // What an ended claim had lies beside its row; the pool's documents of it are no news any more.
    if (isGone && row?.endedAtMs !== null && row !== null) return null;
    if (isMachine(sample)) {
      if (isGone) machines.delete(sample.index);
      else machines.set(sample.index, sample);
    } else if (isGone) volumes.delete(sample.place);
    else volumes.set(sample.place, sample);
    return sample.claim;
  }

  claim(id: string): ClaimRecord | null {
    const { row, machines, volumes } = this.#of(id);
    if (row === null) {
      this.#stored.delete(id);
      return null;
    }
    const { spec } = row;
    return {
      ...row,
      volume: spec.type === 'storage' ? (volumes.get('v') ?? absentVolume(row)) : null,
      machines:
        spec.type === 'virtual_machine'
          ? Array.from({ length: spec.count }, (_, index) => ({
              ...(machines.get(index) ?? absentMachine(row, index)),
              volumes: spec.volumes.map(
                (_wish, n) => volumes.get(`m${String(index)}.v${String(n)}`) ?? absentVolume(row),
              ),
            }))
          : [],
    };
  }

  #of(id: string): Stored {
    const known = this.#stored.get(id) ?? { row: null, machines: new Map(), volumes: new Map() };
    this.#stored.set(id, known);
    return known;
  }
}

/** Nothing of it was ever asked for. */
function absentVolume({ id, endedAtMs }: ClaimRow): VolumePart {
  return {
    key: `${id} has no document of it`,
    shape: { type: 'gp3', sizeGib: 0, iops: null, throughputMibps: null, usdPerMonth: 0 },
    state: endedAtMs === null ? 'wanted' : 'gone',
    volumeId: null,
    zone: null,
    device: null,
    askedAtMs: null,
    onRelease: 'delete',
    keepMs: 0,
    snapshot: null,
    missingSinceMs: null,
  };
}

function absentMachine({ endedAtMs }: ClaimRow, index: number): MachinePart {
  return {
    index,
    state: endedAtMs === null ? 'wanted' : 'gone',
    launchId: null,
    specVersion: null,
    instanceId: null,
    instanceType: null,
    zone: null,
    capacityType: 'on-demand',
    priceUsdPerHour: 0,
    reserved: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 },
    privateIp: null,
    publicIp: null,
    volumes: [],
    thereSinceMs: null,
    missingSinceMs: null,
  };
}
