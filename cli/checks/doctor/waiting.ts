// Requests that wait for long, by what they wait for.
import type { Client } from '../../client.ts';
import { allPages } from '../../pages.ts';
import { note, ok, wrong } from '../findings.ts';
import type { Finding } from '../findings.ts';
import { duration } from '../../text.ts';

/** As the alarm oldest-pending has it. */
const longMs = 30 * 60_000;
/** The oldest; of each the timeline is read. */
const lookedAt = 20;

/** Codes of reasons that somebody chose: a limit, a pause, a time. */
const chosen = new Set(['limit_reached', 'pool_paused', 'behind_others', 'backoff', 'waits_for_room']);

export async function checkWaiting(client: Client, nowMs: number): Promise<readonly Finding[]> {
  const query = { state: 'pending', order: 'oldest' };
  const { items, nextCursor } = await allPages(
    (page) => client.call('listRequests', { query: { ...query, ...page } }),
    lookedAt,
  );
  const old = items.filter((one) => nowMs - Date.parse(one.createdAt) > longMs);
  const byReason = new Map<string, { code: string; message: string; ids: string[]; oldestMs: number; pool: string }>();
  for (const { id, pool, createdAt } of old) {
    const { items: timeline } = await client.call('getTimeline', { params: { id } });
    const { code = 'pending', message = 'no reason is known yet' } = timeline.at(-1) ?? {};
    const one = byReason.get(`${pool} ${code}`);
    const waitedMs = nowMs - Date.parse(createdAt);
    if (one) one.ids.push(id);
    else byReason.set(`${pool} ${code}`, { code, message, ids: [id], oldestMs: waitedMs, pool });
  }
  if (byReason.size === 0) return [ok('waiting requests', 'none waits for more than half an hour')];
  const more = nextCursor !== null && old.length === items.length ? ' or more' : '';
  return [...byReason.values()].map(({ code, message, ids, oldestMs, pool }) =>
    (chosen.has(code) ? note : wrong)(
      `waiting in ${pool}`,
      `${String(ids.length)}${more} for up to ${duration(oldestMs)} (${code}): ${message}`,
      `./bellows why ${ids[0] ?? ''}`,
    ),
  );
}
