// Whether a pool ticks, buys and tells.
import type { ActivityView } from '../../../lib/api/schemas/figures/activity.ts';
import type { PoolView } from '../../../lib/api/schemas/pools.ts';
import { note, ok, wrong } from '../findings.ts';
import type { Finding } from '../findings.ts';
import { duration } from '../../text.ts';

/** The schedule looks every minute. */
const lateMs = 3 * 60_000;
/** A pool that is deleted waits for its nodes to go. */
const longDeletionMs = 3_600_000;
/** What its activity says of troubles counts for so long. */
const recentMs = 3_600_000;

const troubles: Readonly<Record<string, string>> = {
  set_aside: 'mend the item that the message names, or delete it (docs/troubleshooting.md)',
  write_failed: 'the store refused a record for good: report it with its message',
  events_delayed: "EventBridge refuses events: the bus, the scheduler's events:PutEvents, a quota",
  orphan_reaped: 'instances ran that no record knew; they are terminated: who else launches with this tag?',
};

export function checkPool(pool: PoolView, activity: ActivityView['items'], nowMs: number): readonly Finding[] {
  const name = `pool ${pool.name}`;
  const since = (time: string): number => nowMs - Date.parse(time);
  const ago = (time: string): string => `${duration(since(time))} ago`;
  const findings: Finding[] = [];
  if (pool.quarantine !== undefined)
    findings.push(wrong(name, `cannot be read: ${pool.quarantine}`, `declare it again: ./bellows pool apply`));
  const { dueSince = null } = pool;
  if (dueSince !== null && since(dueSince) > lateMs)
    findings.push(
      wrong(
        name,
        `is due since ${duration(since(dueSince))}, and no tick came: nothing is placed or bought`,
        "the scheduler's log; its alarm failing-ticks; is its schedule (EventBridge rule) enabled?",
      ),
    );
  if (pool.deletingSince !== null && since(pool.deletingSince) > longDeletionMs)
    findings.push(
      wrong(name, `is being deleted since ${ago(pool.deletingSince)}`, `./bellows nodes ${pool.name} shows what stays`),
    );
  if (pool.paused)
    findings.push(
      note(
        name,
        `buys nothing: paused ${ago(pool.paused.since)} by ${pool.paused.by}`,
        `./bellows pool resume ${pool.name}`,
      ),
    );
  for (const [code, cure] of Object.entries(troubles)) {
    const found = activity.filter((one) => one.code === code && since(one.at) < recentMs);
    const [last] = found;
    if (last)
      findings.push(
        wrong(`${name}: ${code}`, `${String(found.length)} in the last hour, ${ago(last.at)}: ${last.message}`, cure),
      );
  }
  return findings.length > 0 ? findings : [ok(name, 'ticks when it is due')];
}
