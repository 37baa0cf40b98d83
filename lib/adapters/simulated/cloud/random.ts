// The simulated cloud's own randomness: small, seeded, and its state is four numbers that can be stored,
// so that a cloud that was killed and opened again goes on exactly where it was.

export type RandomState = readonly [number, number, number, number];

/** A delay in milliseconds, as the distribution it is drawn from. */
export type Distribution =
  | number
  | { readonly minMs: number; readonly maxMs: number }
  /** Lognormal with this median; `sigma` is the standard deviation of the logarithm; never over `maxMs`. */
  | { readonly medianMs: number; readonly sigma: number; readonly maxMs: number };

const hexDigits = '0123456789abcdef';
const scratch = Buffer.alloc(128);

/** sfc32 (Chris Doty-Humphrey's Small Fast Counter, public domain), seeded through FNV-1a and warmed up. */
export class SeededRandom {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 1;

  constructor(seed: string | RandomState) {
    if (typeof seed !== 'string') {
      [this.a, this.b, this.c, this.d] = seed;
      return;
    }
    this.a = hash32(seed);
    this.b = hash32(`${seed}/b`);
    this.c = hash32(`${seed}/c`);
    for (let warm = 0; warm < 12; warm++) this.uint32();
  }

  get state(): RandomState {
    return [this.a, this.b, this.c, this.d];
  }

  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** Milliseconds, whole and never negative. */
  drawMs(from: Distribution): number {
    if (typeof from === 'number') return from;
    if ('minMs' in from) return Math.round(from.minMs + this.next() * (from.maxMs - from.minMs));
    return Math.min(from.maxMs, Math.round(from.medianMs * Math.exp(from.sigma * this.normal())));
  }

  /** Time to the next event of a Poisson process with this rate. */
  exponentialMs(eventsPerHour: number): number {
    return Math.round((-Math.log(1 - this.next()) / eventsPerHour) * 3_600_000);
  }

  /** `digits` hexadecimal digits after the prefix: one flat string, as there are hundreds of thousands of them. */
  hex(digits: number, prefix = ''): string {
    let end = scratch.write(prefix, 'latin1');
    const last = end + digits;
    while (end < last) {
      let word = this.uint32();
      for (let nibble = 0; nibble < 8 && end < last; nibble++) {
        scratch[end++] = hexDigits.charCodeAt(word >>> 28);
        word <<= 4;
      }
    }
    return scratch.toString('latin1', 0, last);
  }

  /** Box-Muller; the second value is thrown away so that the state stays four numbers. */
  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** FNV-1a of the text: a fixed number in [0, 2^32) for a name, e.g. how deep one capacity pool is. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  // FNV's low bits alone are weak for short names: one round of murmur3's finalizer spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
