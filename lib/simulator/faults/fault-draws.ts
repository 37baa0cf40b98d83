// Whether a fault happens now: each kind has its own stream, and all of them end when the calm phase begins.
import { faultKinds } from './faults.ts';
import type { FaultKind, FaultRates } from './faults.ts';
import type { Stream, Streams } from '../random.ts';

export class FaultDraws {
  readonly rates: FaultRates;
  readonly #streams = new Map<FaultKind, Stream>();
  readonly #counts = new Map<FaultKind, number>();
  #isCalm = false;

  constructor(rates: FaultRates, streams: Streams) {
    this.rates = rates;
    for (const kind of faultKinds) this.#streams.set(kind, streams.named(`fault ${kind}`));
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    this.#isCalm = true;
  }

  /** The stream for the details of a fault of this kind. */
  of(kind: FaultKind): Stream {
    const stream = this.#streams.get(kind);
    if (stream === undefined) throw new RangeError(`no stream for ${kind}`);
    return stream;
  }

  hits(kind: FaultKind): boolean {
    const rate = this.rates[kind];
    if (rate === 0 || this.#isCalm || !this.of(kind).chance(rate)) return false;
    this.count(kind);
    return true;
  }

  /** Notes a fault that was decided elsewhere. */
  count(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }
}
