/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// A small revised simplex with a dense inverse: the linear programs here have few rows and columns that are
// invented on the way (column generation). Its answers guide and are verified elsewhere, never trusted as bounds.

/** One column: non-zero entries `values[k]` in rows `rows[k]`, at `cost` per unit. */
export interface Column {
  readonly rows: Int32Array;
  readonly values: Float64Array;
  readonly cost: number;
}

const tolerance = 1e-9;

/**
 * Minimises cost·x with A x >= b (sense 1: surpluses) or A x <= b (sense -1: slacks), x >= 0, b > 0.
 * Needs `reset` before use.
 */
export class Simplex {
  readonly size: number;
  /** The dual prices of the rows. */
  readonly dual: Float64Array;
  /** Values of the basic columns. */
  readonly value: Float64Array;
  /** Column of each basis position; null is a surplus or slack. */
  readonly basis: (Column | null)[];
  readonly #sense: 1 | -1;
  readonly #inverse: Float64Array;
  readonly #direction: Float64Array;

  constructor(size: number, sense: 1 | -1) {
    this.size = size;
    this.#sense = sense;
    this.dual = new Float64Array(size);
    this.value = new Float64Array(size);
    this.basis = new Array<Column | null>(size).fill(null);
    this.#inverse = new Float64Array(size * size);
    this.#direction = new Float64Array(size);
  }

  /** Starts a new program: `start[row]` touches that row alone; without it the surpluses or slacks are the basis. */
  reset(rightHand: ArrayLike<number>, start?: readonly Column[]): this {
    const { size } = this;
    this.#inverse.fill(0);
    for (let row = 0; row < size; row++) {
      const column = start?.[row] ?? null;
      const scale = column === null ? -this.#sense : (column.values[0] ?? 1);
      this.basis[row] = column;
      this.#inverse[row * size + row] = 1 / scale;
      this.value[row] = rightHand[row]! / scale;
      this.dual[row] = (column?.cost ?? 0) / scale;
    }
    return this;
  }

  objective(): number {
    let sum = 0;
    for (let at = 0; at < this.size; at++) sum += (this.basis[at]?.cost ?? 0) * this.value[at]!;
    return sum;
  }

  /** cost minus worth: negative columns improve the program. */
  reducedCost(column: Column): number {
    const { rows, values } = column;
    let worth = 0;
    for (let k = 0; k < rows.length; k++) worth += values[k]! * this.dual[rows[k]!]!;
    return column.cost - worth;
  }

  /** Lets surpluses (slacks) enter while that improves; true if any did. */
  repairSigns(): boolean {
    let changed = false;
    for (let round = 0; round < 4 * this.size; round++) {
      let worst = -tolerance;
      let row = -1;
      for (let at = 0; at < this.size; at++) {
        const cost = this.#sense * this.dual[at]!;
        if (cost < worst) [worst, row] = [cost, at];
      }
      if (row < 0) return changed;
      if (!this.#pivot(null, row)) return changed;
      changed = true;
    }
    return changed;
  }

  /** Brings the column into the basis. False if it cannot improve (or the program is unbounded along it). */
  enter(column: Column): boolean {
    if (this.reducedCost(column) > -tolerance * (1 + Math.abs(column.cost))) return false;
    return this.#pivot(column, -1);
  }

  #pivot(column: Column | null, surplusRow: number): boolean {
    const { size, value, dual } = this;
    const inverse = this.#inverse;
    const direction = this.#direction;
    direction.fill(0);
    const entries = column === null ? 1 : column.rows.length;
    for (let k = 0; k < entries; k++) {
      const row = column === null ? surplusRow : column.rows[k]!;
      const entry = column === null ? -this.#sense : column.values[k]!;
      for (let at = 0, cell = row; at < size; at++, cell += size)
        direction[at] = direction[at]! + entry * inverse[cell]!;
    }
    let leaving = -1;
    let step = Infinity;
    for (let at = 0; at < size; at++) {
      const slope = direction[at]!;
      if (slope <= tolerance) continue;
      const ratio = Math.max(0, value[at]!) / slope;
      // Ties go to the larger pivot: fewer rounding errors, and the order of rows never matters.
      if (ratio < step - 1e-12 || (ratio < step + 1e-12 && leaving >= 0 && slope > direction[leaving]!))
        [step, leaving] = [ratio, at];
    }
    if (leaving < 0) return false;
    const reduced = column === null ? this.#sense * dual[surplusRow]! : this.reducedCost(column);
    const pivot = direction[leaving]!;
    const base = leaving * size;
    for (let j = 0; j < size; j++) inverse[base + j] = inverse[base + j]! / pivot;
    for (let at = 0; at < size; at++) {
      const slope = direction[at]!;
      if (at === leaving || slope === 0) continue;
      value[at] = value[at]! - slope * step;
      const row = at * size;
      for (let j = 0; j < size; j++) inverse[row + j] = inverse[row + j]! - slope * inverse[base + j]!;
    }
    value[leaving] = step;
    for (let j = 0; j < size; j++) dual[j] = dual[j]! + reduced * inverse[base + j]!;
    this.basis[leaving] = column;
    return true;
  }
}
