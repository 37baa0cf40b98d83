// Requests: found by state, type, pool, name, label and time; live.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PoolView } from '../../lib/api/schemas/pools.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import { nowMs, useFeed } from '../app/live.ts';
import { place, setQuery } from '../app/location.ts';
import { usePagedList } from '../app/pages.ts';
import { count, duration, knownUsd, optional, plural, usd } from '../logic/format.ts';
import { linkTo } from '../logic/route.ts';
import { TaskBar } from '../parts/bars.tsx';
import { Age, Empty, Field, Loading, RequestLink, State, Unanswered } from '../parts/basics.tsx';
import { Table } from '../parts/table.tsx';
import type { Column } from '../parts/table.tsx';

const states = ['pending', 'running', 'active', 'releasing', 'succeeded', 'failed', 'cancelled', 'expired', 'released'];
const types = ['task', 'virtual_machine', 'storage', 'network'];
const times: readonly (readonly [string, string, number])[] = [
  ['1h', 'last hour', 3_600_000],
  ['24h', 'last 24 hours', 86_400_000],
  ['7d', 'last 7 days', 604_800_000],
];

export function RequestsPage(): JSX.Element {
  const { query } = place.value;
  // From when it was chosen on: the list would begin anew, and lose its place, if that moved.
  const since = useMemo(() => {
    const span = times.find(([key]) => key === query['since'])?.[2];
    return span === undefined ? undefined : new Date(nowMs.peek() - span).toISOString();
  }, [query['since']]);
  const list = usePagedList<RequestView>(
    '/v1/requests',
    {
      state: query['state'],
      type: query['type'],
      pool: query['pool'],
      name: query['name'],
      label: query['label'],
      order: query['order'],
      since,
    },
    ({ id }) => id,
  );
  return (
    <>
      <h1 tabIndex={-1}>Requests</h1>
      <Filters />
      {list.error !== null && list.error.status !== 0 && (
        <p class="problem" role="alert">
          {list.error.message}
        </p>
      )}
      {list.rows === null ? (
        list.error === null ? (
          <Loading />
        ) : (
          list.error.status === 0 && <Unanswered />
        )
      ) : list.rows.length === 0 && !list.hasMore ? (
        <None isFiltered={Object.keys(query).some((name) => name !== 'order')} />
      ) : list.rows.length === 0 ? (
        list.goOn === null && <Loading />
      ) : (
        <Table
          label="Requests"
          columns={columns}
          rows={list.rows}
          keyOf={({ id }) => id}
          hasMore={list.hasMore}
          onView={list.inView}
        />
      )}
      {list.rows !== null && list.goOn !== null && (
        <p class="further">
          {plural(list.rows.length, 'request')} of {count(list.examined)} that were looked at.{' '}
          <button type="button" class="small" onClick={list.goOn}>
            Look further
          </button>
        </p>
      )}
    </>
  );
}

function None({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  return isFiltered ? (
    <Empty>
      No request is like this. <a href={linkTo('requests')}>Show all</a>
    </Empty>
  ) : (
    <Empty>
      Nobody has asked for anything yet. Try <code>./bellows run --wait -- echo hello</code>
    </Empty>
  );
}

function Filters(): JSX.Element {
  const { query } = place.value;
  const pools = useFeed<{ readonly items: readonly PoolView[] }>('/v1/pools', 10);
  const names = pools.data?.items.map((pool) => pool.name) ?? [];
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
      }}
      aria-label="Filter requests"
    >
      <Choice label="State" name="state" options={states} />
      <Choice label="Type" name="type" options={types} />
      <Choice label="Pool" name="pool" options={names} />
      <Word label="Name" name="name" hint="whole name" />
      <Word label="Label" name="label" hint="team=search" />
      <Choice label="Accepted" name="since" options={times.map(([key]) => key)} texts={times.map(([, text]) => text)} />
      <Choice label="Order" name="order" options={['oldest']} texts={['oldest first']} none="newest first" />
      {Object.keys(query).length > 0 && (
        <a class="clear" href="#/requests">
          Clear
        </a>
      )}
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly options: readonly string[];
  readonly texts?: readonly string[];
  readonly none?: string;
}

export function Choice({ label, name, options, texts = options, none = 'any' }: ChoiceProps): JSX.Element {
  const given = place.value.query[name] ?? '';
  return (
    <Field label={label}>
      <select
        value={given}
        onChange={(event) => {
          setQuery({ [name]: event.currentTarget.value });
        }}
      >
        <option value="">{none}</option>
        {given !== '' && !options.includes(given) && <option value={given}>{given}</option>}
        {options.map((option, at) => (
          <option key={option} value={option}>
            {(texts[at] ?? option).replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function Word({
  label,
  name,
  hint,
}: {
  readonly label: string;
  readonly name: string;
  readonly hint: string;
}): JSX.Element {
  return (
    <Field label={label}>
      <input
        type="search"
        placeholder={hint}
        value={place.value.query[name] ?? ''}
        onChange={(event) => {
          setQuery({ [name]: event.currentTarget.value.trim() });
        }}
      />
    </Field>
  );
}

const columns: readonly Column<RequestView>[] = [
  { title: 'State', cell: ({ state }) => <State state={state} /> },
  {
    title: 'Request',
    cell: (one) => (
      <>
        <RequestLink id={one.id} name={one.name} /> <span class="faint reason">{whyOf(one)}</span>
      </>
    ),
    class: 'grow',
  },
  {
    title: 'Tasks',
    cell: (one) =>
      one.type === 'task' ? (
        <span class="with-bar">
          {one.count > 1 && <TaskBar counts={one.counts} total={one.count} />}
          <span class="faint">
            {one.count > 1 ? count(one.count) : one.exitCode === null ? '' : `exit ${String(one.exitCode)}`}
          </span>
        </span>
      ) : (
        <span class="faint">{one.type.replaceAll('_', ' ')}</span>
      ),
  },
  { title: 'Labels', cell: ({ labels }) => <Labels labels={labels} />, isWide: true },
  { title: 'Pool', cell: ({ pool }) => pool, isWide: true },
  { title: 'Waited', cell: (one) => duration(waitedMs(one)), align: 'right', isWide: true },
  { title: 'Ran', cell: (one) => duration(ranMs(one)), align: 'right', isWide: true },
  { title: 'Cost', cell: (one) => optional(knownUsd(one), usd) ?? '–', align: 'right', isWide: true },
  { title: 'Age', cell: ({ createdAt }) => <Age at={createdAt} />, align: 'right' },
];

/** Of what waits or failed: why. */
function whyOf({ state, reason, waitsFor }: RequestView): string {
  if (waitsFor !== undefined) return waitsFor.message;
  return state === 'failed' || state === 'expired' || state === 'pending' ? (reason ?? '') : '';
}

export function Labels({
  labels = {},
}: {
  readonly labels?: Readonly<Record<string, string>> | undefined;
}): JSX.Element {
  return (
    <span class="labels">
      {Object.entries(labels).map(([key, value]) => (
        <a key={key} class="tag" href={`#/requests?label=${encodeURIComponent(`${key}=${value}`)}`}>
          {key}={value}
        </a>
      ))}
    </span>
  );
}

function waitedMs({ createdAt, startedAt, endedAt }: RequestView): number {
  return Date.parse(startedAt ?? endedAt ?? new Date(nowMs.value).toISOString()) - Date.parse(createdAt);
}

function ranMs({ startedAt, endedAt }: RequestView): number | null {
  if (startedAt === null) return null;
  return (endedAt === null ? nowMs.value : Date.parse(endedAt)) - Date.parse(startedAt);
}
