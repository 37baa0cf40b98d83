// Shapes of tasks for which EC2 has no capacity wherever they could run, and when it is asked for them again. What is
// done about it is in tasks/capacity/long-shortage.ts.

export interface Drought {
  readonly untilMs: number;
  readonly waitMs: number;
}

export interface Droughts {
  /** How often something was asked for again in vain: spot and on-demand take turns. */
  readonly turn: number;
  readonly byShape: Readonly<Record<string, Drought>>;
}

export const droughtsMax = 200;

/** What EC2 said of a launch, to those that it was for. */
export interface ShapeNews {
  readonly shapes: readonly string[];
  readonly hasCome: boolean;
  /** All of it was out of capacity. */
  readonly isShort: boolean;
}

/** null: there are none. */
export function droughtsAfter(
  before: Droughts = { turn: 0, byShape: {} },
  news: readonly ShapeNews[],
  nowMs: number,
  timing: { readonly outOfCapacityMs: number; readonly outOfCapacityMaxMs: number },
): Droughts | null {
  const byShape = new Map(Object.entries(before.byShape));
  let isAskedAgain = false;
  for (const { shapes, hasCome, isShort } of news) {
    for (const shape of shapes) {
      const known = byShape.get(shape);
      // Before its time it is about what was not asked for yet.
      const isDue = known === undefined || known.untilMs <= nowMs;
      if (hasCome) byShape.delete(shape);
      else if (isShort && isDue) {
        isAskedAgain ||= known !== undefined;
        const waitMs = known ? Math.min(timing.outOfCapacityMaxMs, 2 * known.waitMs) : timing.outOfCapacityMs;
        byShape.set(shape, { untilMs: nowMs + waitMs, waitMs });
      }
    }
  }
  if (byShape.size === 0) return null;
  return { turn: before.turn + (isAskedAgain ? 1 : 0), byShape: Object.fromEntries([...byShape].slice(-droughtsMax)) };
}
