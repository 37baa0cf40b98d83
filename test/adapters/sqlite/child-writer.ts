// Run as a child by the kill -9 test: writes in a loop and prints each id once it is acknowledged.
import { writeSync } from 'node:fs';
import { SqliteStore } from '../../../lib/adapters/sqlite/store.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';

const [path = '', name = ''] = process.argv.slice(2);
const store = new SqliteStore({ path, clock: new SystemClock() });

async function writeForever(worker: number): Promise<never> {
  for (let at = 0; ; at += 1) {
    const id = `${name}-${String(worker)}-${String(at)}`;
    const item = {
      pk: `w${String(worker)}`,
      sk: id,
      data: { id, text: 'x'.repeat(200) },
      index: { 'by-time': { pk: 'all', sk: id } },
    };
    // Every third write is a transaction of two halves that must never be seen alone.
    if (at % 3 === 0) {
      const other = { ...item, pk: `pair-${item.pk}` };
      await store.transact(
        [
          { op: 'put', item, condition: 'absent' },
          { op: 'put', item: other, condition: 'absent' },
        ],
        id,
      );
    } else {
      await store.put({ item, condition: 'absent', writeId: id });
    }
    // Not through a stream: what is printed must have left the process before it dies.
    writeSync(1, `${id}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(writeForever));
