// Small things that every page shows: states, times, ids, and what stands where nothing is yet.
import type { ComponentChildren, JSX } from 'preact';
import type { Feed } from '../app/live.ts';
import { nowMs } from '../app/live.ts';
import { ago, localTime, shortId, utcTime } from '../logic/format.ts';
import { linkTo } from '../logic/route.ts';
import { toneOf } from '../logic/timeline.ts';

export function State({ state }: { readonly state: string }): JSX.Element {
  return <span class={`state ${toneOf(state)}`}>{state}</span>;
}

/** Local, with UTC on hover. */
export function Time({ at, withDay = false }: { readonly at: string | null; readonly withDay?: boolean }): JSX.Element {
  if (at === null) return <span class="faint">–</span>;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={utcTime(ms)}>
      {localTime(ms, withDay)}
    </time>
  );
}

const timeInText = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** What the server says, with its times as the page shows times. */
export function Words({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text
        .split(timeInText)
        .map((part, at) => (at % 2 === 0 ? part : <Time key={at} at={part} withDay={isFar(part)} />))}
    </>
  );
}

const isFar = (at: string): boolean => Math.abs(nowMs.peek() - Date.parse(at)) > 20 * 3_600_000;

export function Age({ at }: { readonly at: string }): JSX.Element {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={`${localTime(ms, true)} · ${utcTime(ms)}`}>
      {ago(nowMs.value - ms)}
    </time>
  );
}

export function RequestLink({
  id,
  name,
}: {
  readonly id: string;
  readonly name?: string | null | undefined;
}): JSX.Element {
  return (
    <a class="id" href={linkTo('requests', id)} title={id}>
      {name ?? shortId(id)}
    </a>
  );
}

export function NodeLink({ id }: { readonly id: string }): JSX.Element {
  return (
    <a class="id" href={linkTo('nodes', id)}>
      {id}
    </a>
  );
}

interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly class?: string;
}

export function Panel({ title, children, aside, class: name = '' }: PanelProps): JSX.Element {
  const id = `panel-${title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

interface LoadedProps<T> {
  readonly feed: Feed<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** What a feed has; or that it is being read, or why it cannot be. */
export function Loaded<T>({ feed, children }: LoadedProps<T>): JSX.Element {
  const { data, error } = feed;
  return (
    <>
      {error !== null && error.status !== 0 && (
        <p class="problem" role="alert">
          {error.message} <span class="code">{error.code}</span>
        </p>
      )}
      {data !== null ? children(data) : error === null ? <Loading /> : error.status === 0 && <Unanswered />}
    </>
  );
}

export function Unanswered(): JSX.Element {
  return <Empty>It is shown when the server answers.</Empty>;
}

export function Loading(): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="sr">Loading</span>
      <i />
      <i />
      <i />
    </div>
  );
}

export function Facts({ items }: { readonly items: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  const shown = items.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <dl class="facts">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface TileProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly href?: string;
  readonly tone?: string;
}

export function Tile({ label, value, note, href, tone = '' }: TileProps): JSX.Element {
  const inner = (
    <>
      <span class="label">{label}</span>
      <strong>{value}</strong>
      <span class="note">{note}</span>
    </>
  );
  return href === undefined ? (
    <div class={`tile ${tone}`}>{inner}</div>
  ) : (
    <a class={`tile ${tone}`} href={href}>
      {inner}
    </a>
  );
}

interface FieldProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

export function Field({ label, children }: FieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}
