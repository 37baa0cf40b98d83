// How well past quotes came true: a request that is sent with `quote` keeps what its quote said when it was accepted,
// and is in a list of the quoted ones of its pool. What became of the last of them is read when somebody asks.
import { requestUsd } from '../../../core/costs/attempt.ts';
import type { CameTrue, QuoteAccuracy } from '../../../core/lifetimes/quoted.ts';
import { isClaim } from '../../../core/records/claim.ts';
import { isEnd } from '../../../core/records/request.ts';
import type { QuotedFigures, RequestRecord } from '../../../core/records/request.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { NodesSeen } from '../../store/seen.ts';
import type { Submission, SubmitResult } from '../../use-cases.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';
import { quotedIn } from '../lists/listed.ts';
import { sourcesOfLists } from '../lists/sources.ts';
import { RequestList } from '../listing.ts';
import { readPool } from '../pools.ts';
import { requestIdOf, submit } from '../submit.ts';
import { quote } from './quote.ts';

/** The newest; those that have ended are kept for some days. */
export const quotesLookedAt = 200;

/** As {@link submit}. A repeat keeps the quote with which it was accepted. */
export async function submitQuoted(
  ports: ControlPorts,
  settings: ControlSettings,
  nodes: NodesSeen,
  submission: Submission,
): Promise<SubmitResult> {
  const { tenant, idempotencyKey, isQuoted = false } = submission;
  const isThere =
    isQuoted
    && idempotencyKey !== null
    && (await reading(ports, () => ports.store.get(keys.request(requestIdOf(tenant, idempotencyKey, () => '')))))
      !== null;
  const quoted = isQuoted && !isThere ? await figuresOf(ports, settings, submission) : undefined;
  return submit(ports, settings, nodes, submission, quoted);
}

async function figuresOf(
  ports: ControlPorts,
  settings: ControlSettings,
  submission: Submission,
): Promise<QuotedFigures> {
  const { offers } = await quote(ports, settings, submission);
  return { endsMs: offers[0]?.endsMs ?? null, usd: offers[0]?.usd ?? null };
}

export async function quoteAccuracy(ports: ControlPorts, tenant: string, pool: string): Promise<QuoteAccuracy | null> {
  if ((await readPool(ports, pool)) === null) return null;
  const quoted: RequestRecord[] = [];
  const list = new RequestList(
    ports,
    sourcesOfLists(tenant, [quotedIn(pool)]),
    { limit: quotesLookedAt },
    async (rows) =>
      rows.filter((one): one is RequestRecord => !isClaim(one) && one.quoted !== undefined && one.tenant === tenant),
  );
  for (let one = await list.next(); one !== null && quoted.length < quotesLookedAt; one = await list.next())
    if (!isClaim(one)) quoted.push(one);
  const succeeded = quoted.filter((one) => one.state === 'succeeded');
  return {
    pool,
    quoted: quoted.length,
    succeeded: succeeded.length,
    open: quoted.filter((one) => !isEnd(one.state)).length,
    finish: within(succeeded, ({ endedAtMs, createdAtMs }) => (endedAtMs ?? createdAtMs) - createdAtMs, 'endsMs'),
    usd: within(succeeded, requestUsd, 'usd'),
  };
}

function within(
  records: readonly RequestRecord[],
  truthOf: (record: RequestRecord) => number | null,
  figure: keyof QuotedFigures,
): CameTrue {
  const known = records.flatMap((record) => {
    const [said, truth] = [record.quoted?.[figure] ?? null, truthOf(record)];
    return said === null || truth === null ? [] : [{ said, truth }];
  });
  return {
    known: known.length,
    withinP50: known.filter(({ said, truth }) => truth <= said.p50).length,
    withinP90: known.filter(({ said, truth }) => truth <= said.p90).length,
  };
}
