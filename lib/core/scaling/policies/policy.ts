// The one interface of what moves a number: nodes of a pool's headroom, replicas of a service. A policy says what it
// wants now; what all of them together make of the number says `combined`: the largest wants out, all must agree to
// go in.

/** The number as it is, and its bounds. */
export interface Scaled {
  readonly current: number;
  readonly min: number;
  readonly max: number;
}

/** What one policy wants now. */
export interface Wish {
  /** Of the policy, for people: `target queue`, `schedule morning`. */
  readonly policy: string;
  /** null: it has no data and wants nothing; it does not agree to go in either, unless it `agrees`. */
  readonly wanted: number | null;
  /** It has nothing to say, and whatever the others want is right. */
  readonly agrees?: true;
  /** With the inputs: what it was given, what it made of it. */
  readonly reason: string;
}

export interface Combined {
  readonly wanted: number;
  /** Whose wish it is; null: nobody's, the number stays, or its bounds say so. */
  readonly by: Wish | null;
  readonly reason: string;
}

/** Far above every limit. */
export const scaledMax = 1_000_000;

/** Of all wishes one number, within its bounds. */
export function combined(wishes: readonly Wish[], scaled: Scaled): Combined {
  const { current } = scaled;
  const largest = wishes.reduce<(Wish & { readonly wanted: number }) | null>((best, { wanted, ...one }) => {
    if (wanted === null || (best !== null && wanted <= best.wanted)) return best;
    return { ...one, wanted };
  }, null);
  const unknown = wishes.find((one) => one.wanted === null && one.agrees !== true);
  if (largest === null) {
    const reason = unknown === undefined ? 'no policy has a wish' : `${unknown.policy}: ${unknown.reason}`;
    return within({ wanted: current, by: null, reason }, scaled);
  }
  if (largest.wanted < current && unknown !== undefined) {
    const reason = `${largest.policy} wants ${String(largest.wanted)}, but ${unknown.policy} has no data`;
    return within({ wanted: current, by: null, reason }, scaled);
  }
  return within({ wanted: largest.wanted, by: largest, reason: `${largest.policy}: ${largest.reason}` }, scaled);
}

function within(one: Combined, { min, max }: Scaled): Combined {
  const wanted = Math.max(min, Math.min(max, one.wanted));
  if (wanted === one.wanted) return one;
  const bound = wanted > one.wanted ? `min ${String(min)}` : `max ${String(max)}`;
  return { wanted, by: one.by, reason: `${one.reason}; bound by ${bound}` };
}
