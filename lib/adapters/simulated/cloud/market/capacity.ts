// How many instances of each offering EC2 has for this account right now: it depletes by launches, comes
// back by terminations and by time, and can be set from outside.
import { hash32 } from '../random.ts';
import { patternSource } from './types.ts';

export interface CapacityRule {
  /** Offering ids with `*` for any part of a name: `c7g.*` then zone and capacity type, joined by slashes. */
  readonly pattern: string;
  /** null: not limited. */
  readonly full: number | null;
  readonly refillPerMinute: number;
  readonly setAtMs: number;
}

interface Level {
  available: number;
  asOfMs: number;
  full: number;
  refillPerMinute: number;
}

export interface CapacityState {
  readonly rules: readonly CapacityRule[];
  readonly levels: Readonly<Record<string, Readonly<Level>>>;
}

export class Capacity {
  private readonly seed: string;
  private rules: { readonly rule: CapacityRule; readonly matches: RegExp }[] = [];
  private levels = new Map<string, Level>();
  isDirty = false;

  constructor(seed: string, byDefault: Omit<CapacityRule, 'pattern' | 'setAtMs'>, nowMs: number) {
    this.seed = seed;
    this.rules = [compiled({ pattern: '*', setAtMs: nowMs, ...byDefault })];
  }

  /** The newest rule wins. What was taken before is not counted against it. */
  set(rule: CapacityRule): void {
    const entry = compiled(rule);
    this.rules = [...this.rules.filter((old) => old.rule.pattern !== rule.pattern), entry];
    for (const offering of this.levels.keys()) {
      if (entry.matches.test(offering)) this.levels.delete(offering);
    }
    this.isDirty = true;
  }

  /** Takes up to `wanted`; answers how many there were. */
  take(offering: string, wanted: number, nowMs: number): number {
    const level = this.level(offering, nowMs);
    if (!level) return wanted;
    const taken = Math.min(wanted, Math.floor(level.available));
    level.available -= taken;
    this.isDirty = true;
    return taken;
  }

  release(offering: string, nowMs: number): void {
    const level = this.level(offering, nowMs);
    if (!level) return;
    level.available = Math.min(level.full, level.available + 1);
    this.isDirty = true;
  }

  /** null: not limited. */
  available(offering: string, nowMs: number): number | null {
    const level = this.level(offering, nowMs);
    return level ? Math.floor(level.available) : null;
  }

  /** What a capacity-optimized fleet sees: instances left, or a fixed seeded depth where none are counted. */
  depth(offering: string, nowMs: number): number {
    return this.available(offering, nowMs) ?? 10 + (hash32(`${this.seed}/depth/${offering}`) % 990);
  }

  get state(): CapacityState {
    return { rules: this.rules.map((entry) => entry.rule), levels: Object.fromEntries(this.levels) };
  }

  restore(state: CapacityState): void {
    this.rules = state.rules.map(compiled);
    this.levels = new Map(Object.entries(state.levels).map(([offering, level]) => [offering, { ...level }]));
  }

  private level(offering: string, nowMs: number): Level | null {
    const known = this.levels.get(offering);
    if (known) {
      const minutes = Math.max(0, nowMs - known.asOfMs) / 60_000;
      known.available = Math.min(known.full, known.available + minutes * known.refillPerMinute);
      known.asOfMs = nowMs;
      return known;
    }
    const rule = this.rules.findLast((entry) => entry.matches.test(offering))?.rule;
    if (!rule || rule.full === null) return null;
    const level = { available: rule.full, asOfMs: nowMs, full: rule.full, refillPerMinute: rule.refillPerMinute };
    this.levels.set(offering, level);
    return level;
  }
}

function compiled(rule: CapacityRule): { readonly rule: CapacityRule; readonly matches: RegExp } {
  return { rule, matches: new RegExp(`^${patternSource(rule.pattern)}$`) };
}
