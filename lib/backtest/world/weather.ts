// The weather of EC2's market: spot prices, capacity and interruptions, from a file or generated from the catalog's
// figures with the back-test's seed. What the world does with it is its own simulated cloud's.
import { readFileSync } from 'node:fs';
import { allOfferings } from '../../core/catalog/index.ts';
import type { Offering } from '../../core/values/offering.ts';
import { TraceError } from '../traces/trace.ts';

export type WeatherChange = { readonly atMs: number; readonly offerings: readonly Offering[] } & (
  | { readonly kind: 'price'; readonly usdPerHour: number | null }
  | { readonly kind: 'capacity'; readonly pattern: string; readonly instances: number | null }
  | { readonly kind: 'interrupt'; readonly share: number }
);

export interface Weather {
  readonly interruptionsPerHour: number | 'catalog';
  /** Spot prices move by so much around the catalog's, as a part of it. */
  readonly priceVariation: number;
  /** By time, then by line. */
  readonly changes: readonly WeatherChange[];
}

/** Prices do not move, nothing is refused, nothing is interrupted. */
export const calm: Weather = { interruptionsPerHour: 0, priceVariation: 0, changes: [] };

/** Interruptions by the spot advisor's band of each type; prices within a fifth of the catalog's estimate. */
export const catalogWeather: Weather = { interruptionsPerHour: 'catalog', priceVariation: 0.2, changes: [] };

const head = 'at_s,offering,price,capacity,interrupt';
/** Changes of one file; each may be about thousands of offerings. */
export const changesMax = 10_000;
const bytesMax = 10_000_000;

/** `catalog`, or a file; `fromMs`: the back-test begins so far into it. @throws TraceError with the line */
export function weatherOf(name: string | undefined, fromMs = 0): Weather {
  if (name === undefined) return calm;
  if (name === 'catalog') return catalogWeather;
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    throw new TraceError(`cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return readWeather(text, name, fromMs);
}

/** @throws TraceError with the line */
export function readWeather(text: string, name: string, fromMs = 0): Weather {
  if (text.length > bytesMax) throw new TraceError(`${name} is longer than ${String(bytesMax)} characters`);
  const [first = '', ...rows] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (first.trim() !== head) throw new TraceError(`${name}: the first line must be ${head}`);
  const offeringsFor = matching();
  const changes = rows.flatMap((row, at): readonly WeatherChange[] => {
    try {
      return row.trim() === '' ? [] : changesOf(row, offeringsFor);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TraceError(`${name}, line ${String(at + 2)}: ${error.message}`, { cause: error });
    }
  });
  if (changes.length > changesMax) throw new TraceError(`${name} has more than ${String(changesMax)} changes`);
  const shifted = changes
    .map((change) => ({ ...change, atMs: change.atMs - fromMs }))
    // What has happened before the part that is run: prices and capacity last, interruptions are over.
    .filter((change) => change.atMs >= 0 || change.kind !== 'interrupt')
    .map((change) => ({ ...change, atMs: Math.max(0, change.atMs) }));
  return { ...calm, changes: shifted.sort((a, b) => a.atMs - b.atMs) };
}

/** @throws RangeError */
function changesOf(row: string, offeringsFor: (pattern: string) => readonly Offering[]): readonly WeatherChange[] {
  const cells = row.split(',').map((cell) => cell.trim());
  if (cells.length !== 5) throw new RangeError(`it has ${String(cells.length)} cells; five are needed`);
  const [at = '', pattern = '', price = '', capacity = '', interrupt = ''] = cells;
  const atMs = Math.round(numberOf('at_s', at, 0, Infinity) * 1000);
  const offerings = offeringsFor(pattern);
  if (offerings.length === 0)
    throw new RangeError(`${JSON.stringify(pattern)} is no offering; it must be like c7g.*/us-east-1a/spot`);
  const changes: WeatherChange[] = [];
  if (price !== '') {
    const usdPerHour = price === '-' ? null : numberOf('price', price, 0.000_1, 10_000);
    changes.push({ kind: 'price', atMs, offerings, usdPerHour });
  }
  if (capacity !== '') {
    const instances = capacity === '-' ? null : Math.floor(numberOf('capacity', capacity, 0, 1_000_000));
    changes.push({ kind: 'capacity', atMs, offerings, pattern, instances });
  }
  if (interrupt !== '')
    changes.push({ kind: 'interrupt', atMs, offerings, share: numberOf('interrupt', interrupt, 0, 1) });
  if (changes.length === 0) throw new RangeError('it changes nothing');
  return changes;
}

/** What matches a pattern, one list for all lines that have it. */
function matching(): (pattern: string) => readonly Offering[] {
  const all = allOfferings();
  const known = new Map<string, readonly Offering[]>();
  return (pattern) => {
    const matches = matcherOf(pattern);
    const found = known.get(pattern) ?? all.filter((one) => matches.test(one.id));
    known.set(pattern, found);
    return found;
  };
}

function matcherOf(pattern: string): RegExp {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`);
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = text === '' ? NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new RangeError(`${name} ${JSON.stringify(text)} must be a number of ${String(min)} to ${String(max)}`);
  return value;
}

export function doPricesMove({ priceVariation, changes }: Weather): boolean {
  return priceVariation > 0 || changes.some((change) => change.kind === 'price' && change.usdPerHour !== null);
}

/** Each offering at the least that it costs at any time: what a bound may rest on. */
export function atLeastPrice({ priceVariation, changes }: Weather): (offering: Offering) => Offering {
  const least = new Map<string, number>();
  for (const change of changes)
    if (change.kind === 'price' && change.usdPerHour !== null)
      for (const { id } of change.offerings) least.set(id, Math.min(least.get(id) ?? Infinity, change.usdPerHour));
  return (offering) => {
    const variation = offering.capacityType === 'spot' ? priceVariation : 0;
    // Prices are rounded to a hundredth of a cent.
    const usd = Math.min(
      offering.priceUsdPerHour * (1 - variation) - (variation > 0 ? 0.000_05 : 0),
      least.get(offering.id) ?? Infinity,
    );
    return usd === offering.priceUsdPerHour ? offering : { ...offering, priceUsdPerHour: Math.max(0, usd) };
  };
}
