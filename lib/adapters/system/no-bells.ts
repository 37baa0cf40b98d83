// An installation without bells: agents call at their own pace.
import type { Bells } from '../../ports/bells.ts';

export const noBells: Bells = {
  open: async () => null,
  ring: async () => undefined,
  list: async () => [],
  close: async () => undefined,
};
