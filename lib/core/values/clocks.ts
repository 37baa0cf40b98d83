// Times that have not come: a clock wrote them that was far ahead, and was set back since.

/** Clocks of two processes are no further apart: what is further ahead was written by a clock that was wrong. */
export const clocksApartMsMax = 10_000;

export function isFarAhead(atMs: number, nowMs: number): boolean {
  return atMs - nowMs > clocksApartMsMax;
}

/** The same; now, where a clock wrote it that was far ahead. */
export function notAhead(atMs: number, nowMs: number): number {
  return isFarAhead(atMs, nowMs) ? nowMs : atMs;
}

/** Whether a pause until then lasts still. None is longer than `longestMs`: a clock that was far ahead wrote it. */
export function isPaused(untilMs: number, nowMs: number, longestMs: number): boolean {
  return untilMs > nowMs && !isFarAhead(untilMs, nowMs + longestMs);
}
