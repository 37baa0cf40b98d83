// What was paid by whom, by day: the dearest groups by name, and the rest together, so that colours stay few.
import type { CostsView } from '../../lib/api/schemas/figures/costs.ts';

export const shownGroups = 6;

export interface Bills {
  /** The dearest first; the colour of each is its place. */
  readonly names: readonly string[];
  readonly days: readonly { readonly day: string; readonly usd: number; readonly parts: readonly number[] }[];
}

export const restName = 'others';

export function billsOf({ groups, days }: Pick<CostsView, 'groups' | 'days'>): Bills {
  const named = groups.slice(0, groups.length > shownGroups + 1 ? shownGroups : groups.length).map(({ name }) => name);
  const hasRest = groups.length > named.length;
  return {
    names: hasRest ? [...named, restName] : named,
    days: days.map(({ day, usd, groups: ofDay }) => {
      const parts = named.map((name) => ofDay.find((one) => one.name === name)?.usd ?? 0);
      const rest = usd - parts.reduce((sum, part) => sum + part, 0);
      return { day, usd, parts: hasRest ? [...parts, Math.max(0, rest)] : parts };
    }),
  };
}
