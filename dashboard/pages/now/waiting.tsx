// What waits, why, and what can be done: of those that wait longest.
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { StatsView } from '../../../lib/api/schemas/figures/stats.ts';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import { pathOf } from '../../app/api.ts';
import { nowMs, useFeed } from '../../app/live.ts';
import { ago, codeText, count, plural } from '../../logic/format.ts';
import { linkTo } from '../../logic/route.ts';
import { askedOf, causesOf, cureOf } from '../../logic/waiting.ts';
import type { Cause } from '../../logic/waiting.ts';
import { Empty, Loading, Panel, RequestLink, Time, Words } from '../../parts/basics.tsx';

interface Page {
  readonly items: readonly RequestView[];
  readonly nextCursor: string | null;
}

const shownMax = 16;
const namedMax = 6;

export function WaitingPanel({ figures }: { readonly figures: StatsView | null }): JSX.Element {
  const oldest = { order: 'oldest', limit: shownMax };
  const since = figures === null ? null : askedOf(figures, null).since;
  const pending = useFeed<Page>(since === null ? null : pathOf('/v1/requests', { state: 'pending', ...oldest, since }));
  // The list has another address when its oldest is gone: until that is known, the last one is shown.
  const last = useRef<Page | null>(null);
  if (pending.data !== null) last.current = pending.data;
  const listed = since === null ? null : last.current;
  const asksRunning = figures !== null && askedOf(figures, listed).running;
  // An array that runs may have tasks that wait.
  const running = useFeed<Page>(
    asksRunning ? pathOf('/v1/requests', { state: 'running', ...oldest, limit: 100 }) : null,
    6,
  );
  const all = [...(listed?.items ?? []), ...(running.data?.items ?? []).filter((one) => one.counts.pending > 0)]
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .slice(0, shownMax);
  const causes = causesOf(all);
  const waiting = figures?.requests.pending ?? 0;
  const text =
    waiting > shownMax ? `all ${count(waiting)} that wait; these ${String(shownMax)} the longest` : 'all that wait';
  const aside = <a href={linkTo('requests', null, { state: 'pending', order: 'oldest' })}>{text}</a>;
  const isKnown = figures !== null && (since === null || listed !== null || pending.error !== null);
  return (
    <Panel title="What waits, and why" aside={aside}>
      {pending.error !== null && pending.error.status !== 0 && (
        <p class="problem" role="alert">
          {pending.error.message} <span class="code">{pending.error.code}</span>
        </p>
      )}
      {!isKnown ? (
        <Loading />
      ) : causes.length === 0 ? (
        <None figures={figures} />
      ) : (
        <ul class="causes">
          {causes.map((cause) => (
            <CauseItem key={cause.message} cause={cause} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function None({ figures }: { readonly figures: StatsView | null }): JSX.Element {
  const { pending = 0, ...others } = figures?.requests ?? {};
  if (pending > 0) return <Empty>{plural(pending, 'request')} waited a moment ago.</Empty>;
  if (Object.values(others).some((one) => one > 0)) return <Empty>Nothing waits.</Empty>;
  return (
    <Empty>
      Nobody has asked for anything yet. Try <code>./bellows run --wait -- echo hello</code>
    </Empty>
  );
}

function CauseItem({ cause }: { readonly cause: Cause }): JSX.Element {
  const [first] = cause.requests;
  const cure = cureOf(cause, first?.pool ?? '');
  return (
    <li>
      <p class="headline">
        <strong>{plural(cause.tasks, 'task')}</strong>
        <span class="tag wait">{codeText(cause.code)}</span>
        <span class="faint">for {ago(nowMs.value - cause.oldestMs)}</span>
        {cause.nextTryAt !== null && (
          <span class="faint">
            next try <Time at={cause.nextTryAt} />
          </span>
        )}
      </p>
      <p>
        <Words text={cause.message} />
      </p>
      {cure !== null && <p class="cure">{cure}</p>}
      <p class="links">
        {cause.requests.slice(0, namedMax).map(({ id, name }) => (
          <RequestLink key={id} id={id} name={name} />
        ))}
        {cause.requests.length > namedMax && (
          <span class="faint">and {count(cause.requests.length - namedMax)} more</span>
        )}
      </p>
    </li>
  );
}
