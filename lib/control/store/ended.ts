// Which requests have ended and are not in the archive yet: noted when their ends have been published, which happens at
// least once for each, and removed once the archive has them (sweep/archive.ts). An end may be noted twice.
import type { ControlPorts } from '../ports.ts';
import { keys } from './keys.ts';
import { put } from './store-retry.ts';

export interface EndedRecord {
  /** Ids of requests. */
  readonly ended: readonly string[];
}

/** In one record: some 30 KB at most. */
const idsPerRecord = 1_000;

/** `keepMs`: as long as their rows, without which nobody could archive them. */
export async function noteEnded(
  ports: Pick<ControlPorts, 'store' | 'clock' | 'random'>,
  pool: string,
  ids: readonly string[],
  keepMs: number,
): Promise<void> {
  const nowMs = ports.clock.nowMs();
  for (let from = 0; from < ids.length; from += idsPerRecord) {
    const data: EndedRecord = { ended: ids.slice(from, from + idsPerRecord) };
    await put(ports, { ...keys.ended(pool, nowMs, ports.random.id()), data, expiresAtMs: nowMs + keepMs }, 'absent');
  }
}
