// When what EC2 lists no more counts as gone: of claims. Of nodes: disruption/methods/termination.ts.
import { isFarAhead, notAhead } from '../../values/clocks.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';

/**
 * Absence is evidence only from two listings far enough apart, of something old enough for every listing to show it:
 * since when it is missing (null: it is listed), and whether that is long enough.
 */
export function missing(
  isListed: boolean,
  sinceMs: number | null,
  copy: ClaimWorkingCopy,
  bornAtMs: number | null = null,
): { readonly sinceMs: number | null; readonly isGone: boolean } {
  const { listing } = copy;
  if (!listing) return { sinceMs, isGone: false };
  if (isListed) return { sinceMs: null, isGone: false };
  // What a clock wrote that was far ahead counts from now on; and what is missing since then is as old at least.
  const since = notAhead(sinceMs ?? listing.atMs, listing.atMs);
  const bornMs = bornAtMs === null || isFarAhead(bornAtMs, listing.atMs) ? since : bornAtMs;
  const { listingsApartMs, missingMinAgeMs } = copy.settings;
  return {
    sinceMs: since,
    isGone: listing.atMs - since >= listingsApartMs && (bornAtMs === null || listing.atMs - bornMs >= missingMinAgeMs),
  };
}
