// What the simulated cloud charges: the packaged catalog's prices, and for spot a seeded wave around them
// per type and zone when asked for. A pure function of time, so that history can be asked for without having been kept.
import type { CapacityType } from '../../../../core/values/offering.ts';
import { hash32 } from '../random.ts';
import { catalogTypes } from './types.ts';

/** Spot prices change at most this often per offering. */
const stepMs = 3 * 3_600_000;

export class Prices {
  private readonly seed: string;
  private readonly variation: number;
  private readonly types: Pick<typeof catalogTypes, 'get'>;
  private readonly overrides = new Map<string, number>();

  /** `variation` 0.2: spot prices move between 80 % and 120 % of the catalog's estimate. */
  constructor(seed: string, variation: number, types: Pick<typeof catalogTypes, 'get'> = catalogTypes) {
    this.seed = seed;
    this.types = types;
    this.variation = variation;
  }

  /** Sets the price of one offering (`type/zone/capacity type`); null: the catalog's again. */
  set(offering: string, usdPerHour: number | null): void {
    if (usdPerHour === null) this.overrides.delete(offering);
    else this.overrides.set(offering, usdPerHour);
  }

  /** USD per hour at that time; null where the type does not exist or is not sold that way. */
  at(typeName: string, zone: string, capacityType: CapacityType, atMs: number): number | null {
    const type = this.types.get(typeName);
    if (!type) return null;
    const base = capacityType === 'spot' ? type.spotUsdPerHour : type.onDemandUsdPerHour;
    if (base === null) return null;
    const set = this.overrides.get(`${typeName}/${zone}/${capacityType}`);
    if (set !== undefined) return set;
    if (capacityType === 'on-demand' || this.variation === 0) return base;
    const factor = 1 + this.variation * this.wave(`${typeName}/${zone}`, this.stepAt(typeName, zone, atMs));
    const price = Math.round(base * factor * 10_000) / 10_000;
    return type.onDemandUsdPerHour === null ? price : Math.min(price, type.onDemandUsdPerHour);
  }

  /** When the spot price of that offering last changed, at or before that time. */
  changedAtMs(typeName: string, zone: string, atMs: number): number {
    return this.stepAt(typeName, zone, atMs) * stepMs + this.offsetMs(typeName, zone);
  }

  private stepAt(typeName: string, zone: string, atMs: number): number {
    return Math.floor((atMs - this.offsetMs(typeName, zone)) / stepMs);
  }

  private offsetMs(typeName: string, zone: string): number {
    return hash32(`${this.seed}/offset/${typeName}/${zone}`) % stepMs;
  }

  /** Value noise in [-1, 1]: seeded values every 16 steps, joined smoothly, plus a small seeded step of its own. */
  private wave(name: string, step: number): number {
    const value = (at: number): number => hash32(`${this.seed}/price/${name}/${String(at)}`) / 0x8000_0000 - 1;
    const whole = Math.floor(step / 16);
    const part = step / 16 - whole;
    const smooth = part * part * (3 - 2 * part);
    return 0.85 * (value(whole) * (1 - smooth) + value(whole + 1) * smooth) + 0.15 * value(step * 31 + 7);
  }
}
