// An orphan is deleted when it is still one some minutes after it was first seen: whoever launched it may be about to
// write its record. When each was first seen is noted in one record.
import { notAhead } from '../../core/values/clocks.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { update } from '../store/store-retry.ts';
import type { Orphan } from './orphans.ts';

/** Orphans noted in the one record, which must fit the store's limit for an item; the others come later. */
const orphansNoted = 2_000;

interface OrphansRecord {
  /** When each orphan was first seen. */
  readonly sinceMs: Readonly<Record<string, number>>;
}

/** Those that were first seen `orphanAgeMs` ago or longer; the others are noted. */
export async function seenLongEnough(
  ports: ControlPorts,
  { orphanAgeMs }: Pick<ControlSettings, 'orphanAgeMs'>,
  orphans: readonly Orphan[],
  nowMs: number,
): Promise<readonly Orphan[]> {
  const { item } = await update<OrphansRecord>(ports, keys.orphans, (current) => {
    const before = current?.data.sinceMs ?? {};
    // Those noted before come first, so that new ones never push them out.
    const noted = [...orphans.filter((one) => Object.hasOwn(before, one.id)), ...orphans].slice(0, orphansNoted);
    // What a clock noted that was far ahead is seen first now: what is nobody's costs money.
    const sinceMs = Object.fromEntries(noted.map((one) => [one.id, notAhead(before[one.id] ?? nowMs, nowMs)]));
    const isSame = current ? JSON.stringify(sinceMs) === JSON.stringify(before) : orphans.length === 0;
    return isSame ? null : { ...keys.orphans, data: { sinceMs } };
  });
  const sinceMs = item?.data.sinceMs ?? {};
  return orphans.filter((one) => nowMs - (sinceMs[one.id] ?? nowMs) >= orphanAgeMs);
}
