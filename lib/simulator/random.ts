// Seeded randomness in named streams: what one part of a run draws never shifts what another part draws,
// so leaving out one kind of fault (while shrinking) leaves the rest of the run nearly as it was.
import type { Random } from '../ports/random.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

export class Stream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, name: string) {
    [this.#a, this.#b, this.#c, this.#d] = [
      hash(name, seed),
      hash(name, seed ^ 0x9e3779b9),
      hash(name, seed + 0x7f4a7c15),
      1,
    ];
    for (let i = 0; i < 12; i += 1) this.next();
  }

  /** Uniform in [0, 1): sfc32 (Chris Doty-Humphrey, PractRand). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** Integer, both ends included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** Between `min` and `max` with equal weight per order of magnitude: rare and frequent are both common draws. */
  logBetween(min: number, max: number): number {
    return Math.exp(this.between(Math.log(min), Math.log(max)));
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.integer(0, from.length - 1)];
    if (one === undefined) throw new RangeError('pick from an empty list');
    return one;
  }

  id(): string {
    let id = '';
    for (let i = 0; i < 20; i += 1) id += alphabet[Math.floor(this.next() * 32)] ?? '';
    return id;
  }
}

/** The streams of one run. */
export class Streams {
  readonly seed: number;
  constructor(seed: number) {
    this.seed = seed;
  }
  named(name: string): Stream {
    return new Stream(this.seed, name);
  }
}

export function asRandomPort(stream: Stream): Random {
  return { next: () => stream.next(), id: () => stream.id() };
}

/** FNV-1a over the text's code units, then a finalizer (murmur3) so that near names give far seeds. */
function hash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
