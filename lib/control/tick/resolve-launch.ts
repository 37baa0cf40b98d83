// Calls under a launch's token, of nodes and of machines alike: a launch is durable before EC2 is called with its id as
// the token, and stays open until EC2's answer to that token is known. Nothing here closes one on a guess.
import type { LaunchRecord, TokenCalls } from '../../core/records/launch.ts';
import { firstRetryMs } from '../../core/records/launch.ts';
import {
  CloudRefusedError,
  CloudThrottledError,
  CloudUnknownError,
  TokenUsedError,
  isPassing,
} from '../../ports/cloud.ts';
import type { Item } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { FencedError, isTooLateToCall } from '../coordination/lock.ts';
import type { ControlPorts } from '../ports.ts';
import { put, transact } from '../store/store-retry.ts';
import type { LaunchAnswer, LaunchContext, LaunchKind, MadeInstance } from './launch-kind.ts';

/** EC2's answer to a token. All but `nothing` and `open` close the launch; `item` is what closing is conditional on. */
export type TokenAnswer<L, M> =
  /** It is not the time to ask. */
  | { readonly kind: 'nothing' }
  /** Noted; it is asked again. The answer was not whole, or the refusal not final. */
  | {
      readonly kind: 'open';
      readonly item: Item<L>;
      readonly answer: LaunchAnswer<M> | null;
      readonly refusal: CloudRefusedError | null;
    }
  | { readonly kind: 'answered'; readonly item: Item<L>; readonly answer: LaunchAnswer<M> }
  /** The token was used, as `code` says; two listings far enough apart agree upon what it made. */
  | { readonly kind: 'listed'; readonly item: Item<L>; readonly made: readonly M[]; readonly code: string }
  | { readonly kind: 'refused'; readonly item: Item<L>; readonly refusal: CloudRefusedError };

/**
 * Calls EC2 for an open launch, the first time or again with the same token. `isMaker`: this very tick wrote it.
 * @throws ConditionFailedError when another tick was faster
 * @throws FencedError when another tick holds the lock, and this one was about to repeat the call
 */
export async function resolveLaunchToken<L extends LaunchRecord, M extends MadeInstance>(
  asking: LaunchContext,
  kind: LaunchKind<L, M>,
  found: Item<L>,
  isMaker: boolean,
): Promise<TokenAnswer<L, M>> {
  const { ports, settings, lock } = asking;
  const isAlone = isMaker && found.data.calls === 0;
  // A repeat is noted before it is made, so that the launch's version tells its maker that he is not alone any more.
  const item = isAlone || found.data.tokenUsed ? found : await noteRepeat(asking, found);
  // Too late to call under this lock: the next holder finds the launch open and repeats it.
  if (isTooLateToCall(ports, settings, lock)) return { kind: 'nothing' };
  try {
    if (item.data.tokenUsed) return await listAgain(asking, kind, item, item.data.tokenUsed);
    const answer = await kind.send(item.data);
    if (kind.isWhole(item.data, answer, isAlone)) return { kind: 'answered', item, answer };
    // A replay does not promise to list what the first call made: the tag knows.
    await noteTokenUsed(asking, kind, item, 'replay');
    return { kind: 'open', item, answer, refusal: null };
  } catch (error) {
    if (error instanceof TokenUsedError) await noteTokenUsed(asking, kind, item, error.awsCode);
    else if (error instanceof CloudRefusedError) {
      if (error.isTokenUsed || isLastCall(item.data, ports.clock.nowMs()))
        return { kind: 'refused', item, refusal: error };
      // What is wrong with the call itself is wrong at every repeat: the next is the one that closes it.
      const isItsOwn = error.fault.scope === 'request';
      await postpone(asking, item, error, item.data.unheardUntilMs, isItsOwn ? item.data.unheardUntilMs : null);
      return { kind: 'open', item, answer: null, refusal: error };
    } else if (error instanceof CloudThrottledError) await postpone(asking, item, error, item.data.unheardUntilMs);
    else if (error instanceof CloudUnknownError)
      await postpone(asking, item, error, ports.clock.nowMs() + settings.decisions.callLifeMs);
    else throw error;
    return { kind: 'open', item, answer: null, refusal: null };
  }
}

/**
 * Whether a refusal that leaves the token unused is EC2's final answer to it. An account that has no room now
 * may have some in a minute, and then a sender who stood still before his call all that time still launches:
 * only who knows that no other call can be under way may close it. (Closing is conditional on the launch
 * being as he wrote it.)
 */
function isLastCall({ unheardUntilMs }: TokenCalls, nowMs: number): boolean {
  return unheardUntilMs === null || unheardUntilMs <= nowMs;
}

/** With the fence checked: whoever has lost the lock calls EC2 no more. */
async function noteRepeat<L extends LaunchRecord>(
  { ports, settings, lock }: LaunchContext,
  item: Item<L>,
): Promise<Item<L>> {
  const nowMs = ports.clock.nowMs();
  const { data } = item;
  // Whoever called before and noted no answer died, or stands still and may yet call.
  const unheardUntilMs =
    data.callingSinceMs === null
      ? data.unheardUntilMs
      : Math.max(data.unheardUntilMs ?? 0, data.callingSinceMs + settings.decisions.callLifeMs);
  const noted: L = {
    ...data,
    calls: data.calls + 1,
    callingSinceMs: nowMs,
    unheardUntilMs,
    nextTryAtMs: nowMs + firstRetryMs,
  };
  try {
    await transact(ports, [
      { op: 'put', item: { pk: item.pk, sk: item.sk, data: noted }, condition: item.version },
      lock.fence,
    ]);
  } catch (error) {
    if (error instanceof ConditionFailedError && error.key.pk === lock.fence.key.pk) throw new FencedError(lock.pool);
    throw error;
  }
  return { ...item, data: noted, version: item.version + 1 };
}

async function postpone<L extends LaunchRecord>(
  { ports, lock }: LaunchContext,
  item: Item<L>,
  error: Error,
  unheardUntilMs: number | null,
  nextTryAtMs: number | null = null,
): Promise<void> {
  const { data } = item;
  const waitMs = Math.min(60_000, 1_000 * 2 ** data.calls) * (0.5 + ports.random.next() / 2);
  ports.log.write('warn', 'a launch has no final answer yet; it will be repeated with the same token', {
    pool: lock.pool,
    launch: data.id,
    error,
  });
  await write(ports, item, {
    ...data,
    calls: Math.max(1, data.calls),
    callingSinceMs: null,
    unheardUntilMs,
    nextTryAtMs: nextTryAtMs ?? ports.clock.nowMs() + waitMs,
  });
}

/** The first listing of what the token made. A throttled listing postpones it: the token stays used. */
async function noteTokenUsed<L extends LaunchRecord, M extends MadeInstance>(
  asking: LaunchContext,
  kind: LaunchKind<L, M>,
  item: Item<L>,
  code: string,
): Promise<void> {
  const { ports } = asking;
  try {
    await writeListing(asking, item, code, idsOf(await kind.list(item.data)));
  } catch (error) {
    if (!isPassing(error)) throw error;
    await postpone(asking, item, error, ports.clock.nowMs() + asking.settings.decisions.callLifeMs);
  }
}

/** The second listing; while it differs from the one before, it is the first again. */
async function listAgain<L extends LaunchRecord, M extends MadeInstance>(
  asking: LaunchContext,
  kind: LaunchKind<L, M>,
  item: Item<L>,
  used: NonNullable<TokenCalls['tokenUsed']>,
): Promise<TokenAnswer<L, M>> {
  const { listingsApartMs } = asking.settings.decisions;
  const apartMs = asking.ports.clock.nowMs() - used.listedAtMs;
  if (Math.abs(apartMs) < listingsApartMs) return { kind: 'nothing' };
  const made = await kind.list(item.data);
  // How far apart they are is not known where a clock was ahead: this one is the first.
  if (apartMs > 0 && JSON.stringify(idsOf(made)) === JSON.stringify(used.instanceIds))
    return { kind: 'listed', item, made, code: used.code };
  await writeListing(asking, item, used.code, idsOf(made));
  return { kind: 'open', item, answer: null, refusal: null };
}

async function writeListing<L extends LaunchRecord>(
  { ports, settings }: LaunchContext,
  item: Item<L>,
  code: string,
  instanceIds: readonly string[],
): Promise<void> {
  const nowMs = ports.clock.nowMs();
  await write(ports, item, {
    ...item.data,
    tokenUsed: { code, listedAtMs: nowMs, instanceIds },
    nextTryAtMs: nowMs + settings.decisions.listingsApartMs,
  });
}

async function write<R>(ports: ControlPorts, item: Item<R>, data: R): Promise<Item<R>> {
  return put(ports, { pk: item.pk, sk: item.sk, data }, item.version);
}

function idsOf(made: readonly { readonly id: string }[]): readonly string[] {
  return made.map((one) => one.id).sort();
}
