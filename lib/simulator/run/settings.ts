// The installation's settings in a run: as on AWS or as on a laptop, with agents that call rarely enough for
// hours to pass in a second.
import { awsSettings, localSettings } from '../../control/ports.ts';
import type { ControlSettings } from '../../control/ports.ts';
import { awsDecisionSettings, localDecisionSettings } from '../../core/values/settings.ts';
import type { Stream } from '../random.ts';
import type { Size } from '../applications/workload.ts';

export const installation = 'simulated';

/** Copies of pools from their first tick on, or as large ones have them: here none is. */
function drawCopies(
  stream: Stream,
): Pick<
  ControlSettings,
  ('copiedFromRecords' | 'copyLifeMs' | 'clocksApartMs' | 'copyCheckedMax') | ('compactPartRecords' | 'compactEveryMs')
> {
  return {
    copiedFromRecords: stream.pick([0, 0, 20, 500]),
    copyLifeMs: stream.pick([60_000, 600_000, 3_600_000]),
    // Clocks that are off by two seconds, and jump by as much.
    clocksApartMs: 8_000,
    copyCheckedMax: stream.pick([0, Infinity]),
    // Several parts even of few records.
    compactPartRecords: stream.pick([3, 20, 1_000]),
    compactEveryMs: stream.pick([0, 20_000, 300_000]),
  };
}

export function drawSettings(stream: Stream, copies: Stream, size: Size): Omit<ControlSettings, 'templateVersion'> {
  const isLocal = size !== 'large' && stream.chance(0.5);
  const syncBusyMs = stream.pick([3_000, 5_000, 10_000]);
  return {
    ...(isLocal ? localSettings : awsSettings),
    decisions: { ...(isLocal ? localDecisionSettings : awsDecisionSettings), allocationIterations: 20 },
    installation,
    syncBusyMs: size === 'large' ? 10_000 : syncBusyMs,
    syncIdleMs: size === 'large' ? 15_000 : 2 * syncBusyMs,
    // Few, so that ends are found in both places.
    unpublishedEndsMax: stream.pick([0, 1, 3, 200]),
    // Sooner than in life: all of it has to be there when a run ends.
    archiveAfterMs: 120_000,
    ...drawCopies(copies),
  };
}
