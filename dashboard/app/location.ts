// Where the page is: the hash of its address.
import { signal } from '@preact/signals';
import { linkTo, placeOf } from '../logic/route.ts';
import type { Place } from '../logic/route.ts';

export const place = signal<Place>(placeOf(location.hash));

export function startLocation(): void {
  addEventListener('hashchange', () => {
    const before = place.value;
    place.value = placeOf(location.hash);
    if (before.page !== place.value.page || before.id !== place.value.id) {
      scrollTo(0, 0);
      // Screen readers go on from the heading of what is new.
      requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }));
    }
  });
}

/** Changes the query of the present place, without a step in the history: filters are not places to go back to. */
export function setQuery(change: Readonly<Record<string, string | undefined>>): void {
  const { page, id, query } = place.value;
  history.replaceState(null, '', linkTo(page, id, { ...query, ...change }));
  place.value = placeOf(location.hash);
}
