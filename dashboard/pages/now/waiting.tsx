// What waits, why, and what can be done: the last word of the timelines of those that wait longest.
import type { JSX } from 'preact';
import type { RequestView, TimelineView } from '../../../lib/api/schemas/requests.ts';
import { pathOf } from '../../app/api.ts';
import { nowMs, useFeed, useFeeds } from '../../app/live.ts';
import { ago, codeText, plural } from '../../logic/format.ts';
import { linkTo } from '../../logic/route.ts';
import { causesOf, cureOf } from '../../logic/waiting.ts';
import type { Cause, Waiting } from '../../logic/waiting.ts';
import { Empty, Loaded, Panel, RequestLink, Time } from '../../parts/basics.tsx';

interface Page {
  readonly items: readonly RequestView[];
  readonly nextCursor: string | null;
}

/** So many are asked why they wait. */
const explainedMax = 8;

export function WaitingPanel(): JSX.Element {
  const pending = useFeed<Page>(pathOf('/v1/requests', { state: 'pending', order: 'oldest', limit: 25 }));
  // An array that runs may have tasks that wait.
  const running = useFeed<Page>(pathOf('/v1/requests', { state: 'running', order: 'oldest', limit: 100 }), 2);
  const all = [...(pending.data?.items ?? []), ...(running.data?.items ?? []).filter((one) => one.counts.pending > 0)]
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .slice(0, explainedMax);
  const timelines = useFeeds<TimelineView>(
    all.map(({ id }) => `/v1/requests/${id}/timeline`),
    3,
  );
  const causes = causesOf(
    all.map((request, at): Waiting => {
      const { id, name = null, counts, createdAt, pool } = request;
      const tasks = Math.max(1, counts.pending);
      return { id, name, tasks, sinceMs: Date.parse(createdAt), pool, timeline: timelines[at]?.data?.items ?? null };
    }),
  );
  const waiting = pending.data?.items.length ?? 0;
  const text = waiting > explainedMax ? `all that wait; these ${String(explainedMax)} the longest` : 'all that wait';
  const aside = <a href={linkTo('requests', null, { state: 'pending', order: 'oldest' })}>{text}</a>;
  return (
    <Panel title="What waits, and why" aside={aside}>
      <Loaded feed={pending}>
        {() =>
          causes.length === 0 ? (
            <Empty>Nothing waits.</Empty>
          ) : (
            <ul class="causes">
              {causes.map((cause) => (
                <CauseItem key={cause.message} cause={cause} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
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
      <p>{cause.message}</p>
      {cure !== null && <p class="cure">{cure}</p>}
      <p class="links">
        {cause.requests.slice(0, 6).map(({ id, name }) => (
          <RequestLink key={id} id={id} name={name} />
        ))}
      </p>
    </li>
  );
}
