// One request: how it stands and why, what was asked, its timeline, tasks, output, use and cost; and what can be done.
import type { JSX } from 'preact';
import type { RequestView, TimelineView } from '../../lib/api/schemas/requests.ts';
import { cancelRequest, changeClaim, retryFailed } from '../app/actions.ts';
import type { Change } from '../app/actions.ts';
import { confirmAction } from '../app/dialog.tsx';
import type { Action } from '../app/dialog.tsx';
import { useFeed } from '../app/live.ts';
import { codeText, count, knownUsd, memory, optional, plural, usd, vcpu } from '../logic/format.ts';
import { linkTo } from '../logic/route.ts';
import { ends } from '../logic/timeline.ts';
import { cureOf } from '../logic/waiting.ts';
import { TaskBar } from '../parts/bars.tsx';
import { Empty, Facts, Loaded, Panel, RequestLink, State, Time, Words } from '../parts/basics.tsx';
import { Asked } from './request/asked.tsx';
import { Output } from './request/output.tsx';
import { Tasks, useTasks } from './request/tasks.tsx';
import { Timeline } from './request/timeline.tsx';
import { Labels } from './requests.tsx';

export function RequestPage({ id }: { readonly id: string }): JSX.Element {
  const feed = useFeed<RequestView>(`/v1/requests/${encodeURIComponent(id)}`);
  const timeline = useFeed<TimelineView>(feed.data === null ? null : `/v1/requests/${feed.data.id}/timeline`);
  return (
    <>
      <p class="crumbs">
        <a href={linkTo('requests')}>Requests</a>
      </p>
      <Loaded feed={feed}>
        {(request) => (
          <>
            <Head request={request} />
            <Why request={request} timeline={timeline.data} />
            <div class="columns even">
              <Panel title="Timeline">
                <Loaded feed={timeline}>{(shown) => <Timeline request={request} timeline={shown} />}</Loaded>
              </Panel>
              <Panel title="What was asked">
                <Asked request={request} />
              </Panel>
            </div>
            {request.type === 'task' ? <Run request={request} /> : <Parts request={request} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function Run({ request }: { readonly request: RequestView }): JSX.Element {
  const looked = useTasks(request);
  return (
    <>
      <Tasks request={request} looked={looked} />
      <Output request={request} index={looked.index} />
    </>
  );
}

function Head({ request }: { readonly request: RequestView }): JSX.Element {
  const { id, name, state, labels, counts, exitCode, usage, endedAt, allocation, retryOf } = request;
  const on = allocation?.resourceType === 'ec2-instance' ? allocation : null;
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>
          {name ?? id} <State state={state} />
        </h1>
        <Actions request={request} />
      </div>
      {name !== undefined && <p class="mono faint whole-id">{id}</p>}
      {request.count > 1 && <TaskBar counts={counts} total={request.count} />}
      <Facts
        items={[
          ['Labels', labels === undefined ? null : <Labels labels={labels} />],
          ['Pool', <a href={linkTo('nodes', null, { pool: request.pool })}>{request.pool}</a>],
          ['Tenant', request.tenant],
          ['Accepted', <Time at={request.createdAt} withDay />],
          ['Started', <Time at={request.startedAt} withDay />],
          ['Ended', <Time at={request.endedAt} withDay />],
          ['Tasks', request.count > 1 ? countsText(request) : null],
          ['Exit code', exitCode === null ? null : String(exitCode)],
          ['Attempts', request.attempts === null ? null : String(request.attempts)],
          [
            'On',
            on === null
              ? null
              : `${on.instanceType}, ${on.capacityType}, ${on.zone ?? ''}, ${usd(on.priceUsdPerHour)}/h in all`,
          ],
          ['Memory, peak', optional(usage?.memoryPeakMib, memory)],
          ['CPU', optional(usage?.cpuSeconds, (seconds) => `${vcpu(seconds)} s`)],
          [endedAt === null ? 'Cost so far' : 'Cost', optional(knownUsd(request), usd)],
          ['Lease ends', request.leaseEndsAt === undefined ? null : <Time at={request.leaseEndsAt} withDay />],
          ['Retry of', retryOf === undefined ? null : <RequestLink id={retryOf} />],
        ]}
      />
    </>
  );
}

function countsText({ counts }: RequestView): string {
  return Object.entries(counts)
    .filter(([, value]) => value > 0)
    .map(([state, value]) => `${count(value)} ${state}`)
    .join(', ');
}

function actionsOf(request: RequestView): readonly (readonly [string, Action, boolean])[] {
  const { type, state, counts } = request;
  const hasEnded = ends.has(state);
  const change = (word: string, which: Change): readonly [string, Action, boolean] => [
    word,
    changeClaim(request, which),
    false,
  ];
  const isActive = state === 'active';
  return [
    ...(type === 'task' && counts.failed > 0 ? [['Retry failed', retryFailed(request), false] as const] : []),
    ...(isActive && type === 'virtual_machine' ? [change('Stop', 'stop'), change('Start', 'start')] : []),
    ...(isActive
    && type === 'storage'
    && request.allocation?.resourceType === 'ebs-volume'
    && request.allocation.attachedTo !== null
      ? [change('Detach', 'detach')]
      : []),
    ...(isActive && request.leaseEndsAt !== undefined ? [change('Renew', 'renew')] : []),
    ...(hasEnded || state === 'releasing'
      ? []
      : [[type === 'task' ? 'Cancel' : 'Release', cancelRequest(request), true] as const]),
  ];
}

function Actions({ request }: { readonly request: RequestView }): JSX.Element {
  return (
    <div class="buttons">
      {actionsOf(request).map(([word, action, isDangerous]) => (
        <button
          key={word}
          type="button"
          class={isDangerous ? 'danger' : ''}
          onClick={() => {
            confirmAction(action);
          }}
        >
          {word}
        </button>
      ))}
    </div>
  );
}

interface WhyProps {
  readonly request: RequestView;
  readonly timeline: TimelineView | null;
}

/** The last word on it, while it has not ended well. */
function Why({ request, timeline }: WhyProps): JSX.Element | null {
  const word = timeline?.items.at(-1);
  const isCalm = request.state === 'succeeded' || request.state === 'released';
  const isWaiting = request.counts.pending > 0 || request.state === 'pending';
  if (word === undefined || isCalm || (!isWaiting && request.reason === null)) return null;
  const cure = cureOf(word, request.pool);
  return (
    <section class={request.state === 'failed' ? 'why failed' : 'why'} aria-label="Why">
      <p class="headline">
        <span class={`tag ${request.state === 'failed' ? 'bad' : 'wait'}`}>{codeText(word.code)}</span>
        {isWaiting && <strong>{plural(Math.max(1, request.counts.pending), 'task')} waiting</strong>}
        {request.nextTryAt !== undefined && (
          <span class="faint">
            next try <Time at={request.nextTryAt} />
          </span>
        )}
      </p>
      <p>
        <Words text={request.reason !== null && !isWaiting ? request.reason : word.message} />
      </p>
      {cure !== null && <p class="cure">{cure}</p>}
      {word.excluded !== undefined && word.excluded.length > 0 && (
        <p class="faint">
          Left out: {word.excluded.map((one) => `${count(one.offerings)} offerings by ${one.constraint}`).join(', ')}
        </p>
      )}
    </section>
  );
}

/** Of an allocation or a part: what can be shown as one word. */
function wordsOf(thing: object | null): readonly (readonly [string, string])[] {
  return Object.entries(thing ?? {}).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' || typeof value === 'number' ? [[key, String(value)] as const] : [],
  );
}

function Parts({ request }: { readonly request: RequestView }): JSX.Element {
  const { allocation, parts = [] } = request;
  const facts = wordsOf(allocation);
  return (
    <Panel title="What it has">
      {facts.length === 0 ? (
        <Empty>Nothing yet.</Empty>
      ) : (
        <Facts
          items={facts.map(([key, value]) => [
            codeText(key.replaceAll(/([A-Z])/g, ' $1').toLowerCase()),
            key === 'attachedTo' ? <RequestLink id={value} /> : value,
          ])}
        />
      )}
      {parts.length > 1 && (
        <ul class="plain">
          {parts.map((part, at) => (
            <li key={at} class="mono">
              {wordsOf(part)
                .map(([, value]) => value)
                .join(' · ')}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
