// How good each bin is for tasks that are alike, kept from one to the next: of thousands of nodes each changes one.

/** A bin that cannot have any of them. */
export const unfit = -Infinity;

/** Units of so many kinds are ranked at one time; the one that was asked for longest ago goes first. */
const keptMax = 16;

interface Ranked {
  readonly scores: Float64Array;
  readonly rooms: Float64Array;
  /** Bins that have changed since. */
  readonly changed: Set<number>;
}

export interface Rank {
  readonly score: number;
  readonly room: number;
}

export class Ranks {
  readonly #count: number;
  readonly #known = new Map<string, Ranked>();

  /** Of so many bins. */
  constructor(count: number) {
    this.#count = count;
  }

  /** `alike`: the same text only where `rankOf` says the same of every bin that has not changed. */
  of(alike: string, rankOf: (at: number) => Rank): Pick<Ranked, 'scores' | 'rooms'> {
    const ranked = this.#known.get(alike);
    if (ranked === undefined) return this.#new(alike, rankOf);
    this.#known.delete(alike);
    this.#known.set(alike, ranked);
    for (const at of ranked.changed) set(ranked, at, rankOf(at));
    ranked.changed.clear();
    return ranked;
  }

  #new(alike: string, rankOf: (at: number) => Rank): Ranked {
    const [oldest] = this.#known.size >= keptMax ? this.#known.keys() : [];
    const reused = oldest === undefined ? undefined : this.#known.get(oldest);
    if (oldest !== undefined) this.#known.delete(oldest);
    const ranked: Ranked = {
      scores: reused?.scores ?? new Float64Array(this.#count),
      rooms: reused?.rooms ?? new Float64Array(this.#count),
      changed: new Set(),
    };
    for (let at = 0; at < this.#count; at++) set(ranked, at, rankOf(at));
    this.#known.set(alike, ranked);
    return ranked;
  }

  changed(at: number): void {
    for (const { changed } of this.#known.values()) changed.add(at);
  }
}

function set({ scores, rooms }: Ranked, at: number, { score, room }: Rank): void {
  scores[at] = score;
  rooms[at] = room;
}
