// A request's timeline as a picture: from when to when it was in which stage.

export interface Entry {
  readonly at: string;
  readonly stage: string;
  readonly code: string;
  readonly message: string;
}

export interface Span {
  readonly stage: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly entry: Entry;
}

/** Entries in a row with the same stage are one span. `endMs`: when it ended, or now. */
export function spansOf(entries: readonly Entry[], endMs: number): readonly Span[] {
  const spans: Span[] = [];
  for (const entry of entries) {
    const fromMs = Date.parse(entry.at);
    const before = spans.at(-1);
    if (before?.stage === entry.stage) continue;
    if (before !== undefined) spans[spans.length - 1] = { ...before, toMs: fromMs };
    spans.push({ stage: entry.stage, fromMs, toMs: Math.max(fromMs, endMs), entry });
  }
  return spans;
}

/** How a stage looks: one of the tones of states. */
export function toneOf(stage: string): string {
  const tones: Readonly<Record<string, string>> = {
    accepted: 'wait',
    pending: 'wait',
    launching: 'wait',
    starting: 'wait',
    placed: 'run',
    running: 'run',
    ready: 'good',
    active: 'good',
    succeeded: 'good',
    released: 'calm',
    releasing: 'calm',
    cancelling: 'calm',
    cancelled: 'calm',
    draining: 'warn',
    terminating: 'warn',
    expired: 'bad',
    failed: 'bad',
  };
  return Object.hasOwn(tones, stage) ? (tones[stage] ?? 'calm') : 'calm';
}

export const ends: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'expired', 'released']);
