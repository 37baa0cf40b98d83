// Randomness that belongs to a place, not to an order: what the n-th sync of a node draws is the same whether the
// syncs before it were made or left out.

/** Uniform in [0, 1), from a seed, a name and a number: FNV-1a, and murmur3's finalizer. */
export function drawAt(seed: number, name: string, number: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i += 1) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ number, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
