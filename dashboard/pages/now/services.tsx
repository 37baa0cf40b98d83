// Services and their roll-outs, where there are any.
import type { JSX } from 'preact';
import type { ReplicaView, ServiceView } from '../../../lib/api/schemas/tasks/services.ts';
import { useFeed } from '../../app/live.ts';
import { count, plural } from '../../logic/format.ts';
import { Meter } from '../../parts/bars.tsx';
import { Loaded, Panel, RequestLink, State, Time } from '../../parts/basics.tsx';

interface Page<T> {
  readonly items: readonly T[];
}

export function ServicesPanel(): JSX.Element | null {
  const services = useFeed<Page<ServiceView>>('/v1/services?limit=50', 2);
  if (services.data === null || services.data.items.length === 0) return null;
  return (
    <Panel title="Services">
      <ul class="causes">
        {services.data.items.map((service) => (
          <ServiceItem key={service.name} service={service} />
        ))}
      </ul>
    </Panel>
  );
}

function ServiceItem({ service }: { readonly service: ServiceView }): JSX.Element {
  const { name, replicas, ready, current, pending, stopping, revision, reason, deletingSince } = service;
  const text = `${count(ready)} of ${plural(replicas, 'replica')} ready`;
  const rollOut =
    current < replicas && ready > 0 ? `revision ${String(revision)}: ${count(current)} of ${count(replicas)}` : null;
  return (
    <li>
      <p class="headline">
        <strong>{name}</strong>
        <span class={`tag ${ready >= replicas ? 'good' : 'wait'}`}>{text}</span>
        {rollOut !== null && <span class="tag run">{rollOut}</span>}
        <span class="faint">
          {pending > 0 && `${count(pending)} starting `}
          {stopping > 0 && `${count(stopping)} stopping `}
          {deletingSince !== null && 'being deleted'}
        </span>
      </p>
      <Meter label={name} part={ready} whole={Math.max(1, replicas)} text={text} />
      {reason !== null && <p>{reason}</p>}
      <details>
        <summary>Replicas and what it did</summary>
        <Details name={name} />
      </details>
    </li>
  );
}

function Details({ name }: { readonly name: string }): JSX.Element {
  const path = `/v1/services/${encodeURIComponent(name)}`;
  const replicas = useFeed<Page<ReplicaView>>(`${path}/replicas?limit=50`, 3);
  const events = useFeed<Page<{ readonly at: string; readonly code: string; readonly message: string }>>(
    `${path}/events`,
    3,
  );
  return (
    <>
      <Loaded feed={replicas}>
        {({ items }) => (
          <ul class="plain">
            {items.map((one) => (
              <li key={one.request}>
                <State state={one.state} />
                <RequestLink id={one.request} />
                <span class="faint">
                  revision {one.revision}
                  {one.crashes > 0 && ` · ended by itself ${String(one.crashes)} times`}
                  {one.reason !== null && ` · ${one.reason}`}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <Loaded feed={events}>
        {({ items }) => (
          <ul class="plain">
            {items.slice(0, 10).map((one) => (
              <li key={`${one.at}${one.message}`}>
                <Time at={one.at} />
                <span>{one.message}</span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </>
  );
}
