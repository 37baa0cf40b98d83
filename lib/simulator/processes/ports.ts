// The ports of one controller process, but for the cloud's (cloud-port.ts): each call waits in the kernel, meets the
// faults that the run has drawn, has its effect on the one true store at one moment, and is written into the trace.
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../ports/store.ts';
import type { IndexName, ItemKey, QueryOptions, Store, Write } from '../../ports/store.ts';
import type { Bells } from '../../ports/bells.ts';
import type { WakeBus } from '../../ports/bus.ts';
import { noBells } from '../../adapters/system/no-bells.ts';
import type { EventSink } from '../../ports/events.ts';
import type { Metrics } from '../../ports/metrics/published.ts';
import type { Outputs } from '../../ports/outputs.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { ServiceOutages } from '../faults/service-outages.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from './process.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface PortWorld {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly store: Store;
  readonly hasBells: boolean;
  readonly bus: WakeBus;
  readonly bells: Bells;
  readonly events: EventSink;
  readonly outages: ServiceOutages;
}

export interface ProcessPorts {
  readonly store: Store;
  readonly bus: WakeBus;
  readonly bells: Bells;
  readonly events: EventSink;
  readonly outputs: Outputs;
  readonly metrics: Metrics;
}

/** Metrics were not taken. Who publishes them hears of it; whoever decides never does. */
export class MetricsOutageError extends Error {}

export function portsOf(process: Process, world: PortWorld): ProcessPorts {
  return {
    store: storeOf(process, world),
    bus: busOf(process, world),
    bells: bellsOf(process, world),
    events: eventsOf(process, world),
    outputs: outputsOf(process, world),
    metrics: metricsOf(process, world),
  };
}

function storeOf(process: Process, world: PortWorld): Store {
  const { store, draws, truth, outages } = world;
  const read = <T>(what: string, run: () => Promise<T>): Promise<T> =>
    process.call(what, async () => {
      if (draws.hits('storeThrottle') || (await outages.meets('storeOutage'))) throw new ThrottledError();
      return run();
    });
  const getMany: Store['getMany'] = async <T>(keys: readonly ItemKey[]) => {
    const part = (some: readonly ItemKey[]): ReturnType<typeof store.getMany<T>> =>
      read(`getMany ${String(some.length)}`, () => store.getMany<T>(some));
    if (keys.length < 2 || !draws.hits('partialBatch')) return part(keys);
    const first = draws.of('partialBatch').integer(1, keys.length - 1);
    return [...(await part(keys.slice(0, first))), ...(await part(keys.slice(first)))];
  };
  const write = writesOf(process, world);
  return {
    get: <T>(key: ItemKey) => read(`get ${nameOf(key)}`, () => store.get<T>(key)),
    getMany,
    query: <T>(options: QueryOptions) =>
      read(`query ${options.pk} ${options.skPrefix ?? ''}`, () => store.query<T>(options)),
    queryIndex: <T>(index: IndexName, options: QueryOptions) =>
      read(`query ${index} ${options.pk}`, () => store.queryIndex<T>(index, options)),
    indexKeys: (index, options) =>
      read(`query ${index} ${options.pk}`, () => {
        truth.tell((watcher) => watcher.indexRead?.(process.name, options.pk));
        return store.indexKeys(index, options);
      }),
    put: (one) =>
      write(`put ${nameOf(one.item)} if ${String(one.condition)}`, async () => {
        const done = await store.put(one);
        truth.tell((watcher) => watcher.put?.(process.name, one.item));
        return done;
      }),
    delete: (key, condition) =>
      write(`delete ${nameOf(key)} if ${String(condition)}`, () => store.delete(key, condition)),
    transact: (writes, writeId) =>
      write(`transact ${writes.map(nameOfWrite).join(', ')}`, () => store.transact(writes, writeId)),
  };
}

/** Whatever happens to a write of this process, and what watchers hear of it. */
function writesOf(process: Process, { draws, truth, kernel, trace, outages }: PortWorld) {
  const log = (text: string): void => trace.write(kernel.nowMs, process.name, text);
  const reported = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      truth.tell((watcher) => watcher.writeFailed?.(process.name));
      throw error;
    }
  };
  return <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const call = `${process.name}, call ${String(process.invoked)}`;
    return process.call(what, () =>
      reported(async () => {
        if (draws.hits('storeThrottle') || (await outages.meets('storeOutage')))
          throw noted(log, what, new ThrottledError());
        if (draws.hits('storeConflict')) throw noted(log, what, new ConflictError());
        if (draws.hits('storeRequestLost')) throw noted(log, what, new UnknownOutcomeError());
        truth.tell((watcher) => watcher.write?.(call, what));
        let result: T;
        try {
          result = await run();
        } catch (error) {
          // Raising the fence is a put, which may meet itself; whoever checks it in a transaction has lost it.
          if (what.startsWith('transact') && error instanceof ConditionFailedError && error.key.pk.startsWith('FENCE#'))
            truth.tell((watcher) => watcher.fenced?.(call));
          throw noted(log, what, error);
        }
        log(what);
        if (draws.hits('storeAnswerLost')) throw noted(log, what, new UnknownOutcomeError());
        return result;
      }),
    );
  };
}

function busOf(process: Process, { bus, outages }: PortWorld): WakeBus {
  return {
    wake: (pool) =>
      process.call(`wake ${pool}`, async () => {
        if (await outages.meets('busOutage')) throw new Error('the event bus does not take the wake');
        await bus.wake(pool);
      }),
  };
}

/** Runs without bells call nothing, so that what their seeds draw stays what it was. */
function bellsOf(process: Process, { bells, draws, hasBells }: PortWorld): Bells {
  const call = <T>(what: string, effect: () => Promise<T>): Promise<T> =>
    process.call(what, async () => {
      if (draws.hits('bellFails')) throw new Error(`no answer to: ${what}`);
      return effect();
    });
  if (!hasBells) return noBells;
  return {
    open: (nodeId) => call(`open bell ${nodeId}`, () => bells.open(nodeId)),
    ring: (nodeId) => call(`ring ${nodeId}`, () => bells.ring(nodeId)),
    list: () => call('list bells', () => bells.list()),
    close: (nodeId) => call(`close bell ${nodeId}`, () => bells.close(nodeId)),
  };
}

function eventsOf(process: Process, { events, draws, kernel, trace, outages }: PortWorld): EventSink {
  return {
    publish: (list) =>
      process.call('publish', async () => {
        const isFailing = draws.hits('publishFails') || (await outages.meets('busOutage', 3));
        if (isFailing && draws.of('publishFails').chance(0.7)) throw new Error('the event bus does not take it');
        for (const event of list)
          trace.write(
            kernel.nowMs,
            process.name,
            `publishes ${event.type} ${'requestId' in event ? event.requestId : event.nodeId}`,
          );
        await events.publish(list);
        if (isFailing) throw new Error('the event bus has taken it, and its answer is lost');
      }),
  };
}

/** Only addresses are asked for in a run: agents send what their processes print to them. */
function outputsOf(process: Process, { outages }: PortWorld): Outputs {
  return {
    uploadUrl: (attemptId) =>
      process.call('upload address', async () => {
        if (await outages.meets('outputsOutage')) throw new Error('the store of outputs does not answer');
        return `output:${attemptId}`;
      }),
    write: async () => undefined,
    read: async () => null,
  };
}

function metricsOf(process: Process, { kernel, trace, outages }: PortWorld): Metrics {
  return {
    publish: (measured) =>
      process.call('publish metrics', async () => {
        if (await outages.meets('metricsOutage', 3)) throw new MetricsOutageError('metrics are not taken');
        trace.write(kernel.nowMs, 'metrics', JSON.stringify(measured));
      }),
  };
}

function nameOf(key: ItemKey): string {
  return `${key.pk} ${key.sk}`;
}

function nameOfWrite(write: Write): string {
  return write.op === 'put' ? nameOf(write.item) : `${write.op} ${nameOf(write.key)}`;
}

function noted(log: (text: string) => void, what: string, error: unknown): unknown {
  log(`${what} FAILS: ${error instanceof Error ? error.message : 'unknown'}`);
  return error;
}
