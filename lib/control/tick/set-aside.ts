// Records that cannot be read (records/checked-store.ts), or on which a decision fails (culprits.ts),
// where people look: the log once per process, and the pool's activity and its list of what is set
// aside once per record.
import type { ItemKey, Store } from '../../ports/store.ts';
import { activityWrite } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts } from '../ports.ts';
import { checkedStore } from '../records/checked-store.ts';
import type { BadRecord } from '../records/checked-store.ts';
import { updateWith } from '../store/store-retry.ts';

/** Of one pool; the log has them all. */
const listedMax = 50;
const loggedMax = 1_000;
export const setAsideMessage = 'a stored record cannot be read and is set aside';
export const culpritMessage = 'a decision failed on a record, which is set aside';

export interface SetAsideRecord {
  readonly records: readonly { readonly key: ItemKey; readonly error: string; readonly sinceMs: number }[];
}

/** What one process has met. */
export class BadRecords {
  readonly #ports: Pick<ControlPorts, 'log'>;
  readonly #logged = new Set<string>();
  readonly #watching = new Set<Map<string, BadRecord>>();

  constructor(ports: Pick<ControlPorts, 'log'>) {
    this.#ports = ports;
  }

  note(bad: BadRecord, message: string = setAsideMessage): void {
    const name = `${bad.key.pk} ${bad.key.sk}`;
    for (const met of this.#watching) met.set(name, bad);
    const once = `${name} ${String(bad.version)}`;
    if (this.#logged.has(once)) return;
    if (this.#logged.size >= loggedMax) this.#logged.clear();
    this.#logged.add(once);
    this.#ports.log.write('error', message, { pk: bad.key.pk, sk: bad.key.sk, error: bad.error });
  }

  /** What is set aside already, and was reported when it was. */
  seen(bad: BadRecord): void {
    for (const met of this.#watching) met.set(`${bad.key.pk} ${bad.key.sk}`, bad);
  }

  /** Collects what is met until it is closed. */
  watch(): { readonly met: ReadonlyMap<string, BadRecord>; readonly close: () => void } {
    const met = new Map<string, BadRecord>();
    this.#watching.add(met);
    return { met, close: () => void this.#watching.delete(met) };
  }
}

export function withCheckedRecords<P extends Pick<ControlPorts, 'store' | 'log'>>(
  ports: P,
  bad: BadRecords = new BadRecords(ports),
): P {
  // A view, no copy: whoever replaces one of the ports later (a test that measures or breaks one) is heard of.
  let [seen, checked] = [
    ports.store,
    checkedStore(ports.store, (one) => {
      bad.note(one);
    }),
  ];
  const store = (): Store => {
    if (ports.store !== seen)
      [seen, checked] = [
        ports.store,
        checkedStore(ports.store, (one) => {
          bad.note(one);
        }),
      ];
    return checked;
  };
  return Object.create(ports, { store: { get: store, enumerable: true } }) as P;
}

/** Of this pool, as far as the key says. */
function isOfPool({ pk, sk }: ItemKey, pool: string): boolean {
  if (pk === keys.pools) return sk === pool;
  const at = pk.indexOf('#');
  const [partition, name] = [pk.slice(0, at), pk.slice(at + 1)];
  return partition === 'REQUEST' || name === pool;
}

/** Writes only where something changed. Answers how many there are. `known`: how many the last tick knew. */
export async function noteSetAside(
  ports: ControlPorts,
  pool: string,
  met: ReadonlyMap<string, BadRecord>,
  known: number,
): Promise<number> {
  const bad = [...met.values()].filter((one) => isOfPool(one.key, pool)).slice(0, listedMax);
  if (bad.length === 0 && known === 0) return 0;
  const key = keys.setAside(pool);
  await updateWith<SetAsideRecord>(ports, key, (current) => {
    const before = current?.data.records ?? [];
    const sinceOf = (one: BadRecord): number | undefined =>
      before.find((other) => other.key.pk === one.key.pk && other.key.sk === one.key.sk && other.error === one.error)
        ?.sinceMs;
    const records = bad.map((one) => ({
      key: one.key,
      error: one.error,
      sinceMs: sinceOf(one) ?? ports.clock.nowMs(),
    }));
    if (JSON.stringify(records) === JSON.stringify(before)) return null;
    const fresh = bad.filter((one) => sinceOf(one) === undefined);
    return {
      item: { ...key, data: { records } },
      others: fresh.map((one) => activityWrite(ports, pool, { code: 'set_aside', message: one.error })),
    };
  });
  return bad.length;
}
