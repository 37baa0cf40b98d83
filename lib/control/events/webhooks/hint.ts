// A hint that there is something to be delivered, where deliveries are another process's. Lost, it costs a minute.
import type { ReadingPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';

/** One read unit; nobody is woken up where there are no webhooks. */
export async function hintDeliveries(ports: ReadingPorts, send: () => Promise<void>): Promise<void> {
  const { items } = await reading(ports, () => ports.store.query({ pk: keys.webhooks, limit: 1 }));
  if (items.length > 0) await send();
}
