// Now: what waits and why, what there is and what it costs, and what the fleet did in the last hour.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PoolView } from '../../lib/api/schemas/pools.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import { pausePool } from '../app/actions.ts';
import { confirmAction } from '../app/dialog.tsx';
import { nowMs, useFeed } from '../app/live.ts';
import type { Feed } from '../app/live.ts';
import { ago, count, duration, percent, plural, usd, vcpu } from '../logic/format.ts';
import { linkTo } from '../logic/route.ts';
import { withSample } from '../logic/series.ts';
import type { Sample } from '../logic/series.ts';
import { share } from '../logic/nodes.ts';
import { Meter } from '../parts/bars.tsx';
import { Loaded, Panel, Tile, Time } from '../parts/basics.tsx';
import { Plot } from '../parts/plot.tsx';
import { Activity } from './now/activity.tsx';
import { ServicesPanel } from './now/services.tsx';
import { WaitingPanel } from './now/waiting.tsx';

interface Pools {
  readonly items: readonly PoolView[];
}

/** Outlives the page's visits: what was seen since the dashboard is open. */
const samples = signal<readonly Sample[]>([]);

export function NowPage(): JSX.Element {
  const stats = useFeed<StatsView>('/v1/stats');
  const pools = useFeed<Pools>('/v1/pools', 4);
  useEffect(() => {
    if (stats.data !== null) samples.value = withSample(samples.peek(), sampleOf(stats.data, stats.atMs));
  }, [stats.atMs]);
  const names = pools.data?.items.map((pool) => pool.name) ?? [];
  return (
    <>
      <h1 tabIndex={-1} class="sr">
        Now
      </h1>
      <Loaded feed={stats}>
        {(figures) => (
          <>
            <OldFigures figures={figures} />
            <Tiles figures={figures} />
          </>
        )}
      </Loaded>
      <div class="columns">
        <div>
          <WaitingPanel figures={stats.data} />
          <ServicesPanel />
          <Panel title="Capacity and cost">
            <Plot
              title="vCPU of nodes"
              samples={samples.value}
              format={vcpu}
              lines={[
                { name: 'have', label: 'have', colour: 1, isArea: true },
                { name: 'used', label: 'in use', colour: 2 },
              ]}
            />
            <Plot
              title="Tasks and claims"
              samples={samples.value}
              format={count}
              lines={[
                { name: 'pending', label: 'waiting', colour: 3 },
                { name: 'running', label: 'running', colour: 2 },
              ]}
            />
            <Plot
              title="USD per hour"
              samples={samples.value}
              format={usd}
              lines={[{ name: 'usdPerHour', label: 'now', colour: 4, isArea: true }]}
            />
          </Panel>
          <PoolsPanel pools={pools} figures={stats.data} />
        </div>
        <Activity pools={names} />
      </div>
    </>
  );
}

function sampleOf({ allocatable, assigned, usdPerHour, requests }: StatsView, atMs: number): Sample {
  return {
    atMs,
    values: {
      have: allocatable.vcpu,
      used: assigned.vcpu,
      usdPerHour,
      pending: requests.pending ?? 0,
      running: (requests.running ?? 0) + (requests.active ?? 0),
    },
  };
}

const oldAfterMs = 60_000;

/** Of large pools figures are those of the last tick, which is right as long as nothing is due. */
function OldFigures({ figures }: { readonly figures: StatsView }): JSX.Element | null {
  const { figuresOf, requests, nodes } = figures;
  const isDue = requests.pending > 0 || Object.keys(nodes).some((state) => state !== 'ready');
  const ageMs = nowMs.value - Date.parse(figuresOf);
  if (!isDue || ageMs < oldAfterMs) return null;
  return (
    <p class="notice" role="status">
      Counts are of <Time at={figuresOf} />, {ago(ageMs)} ago: a large pool keeps those of its last tick.
    </p>
  );
}

function Tiles({ figures }: { readonly figures: StatsView }): JSX.Element {
  const { requests, tasks, nodes, utilisation, usage, usdPerHour, spentUsd, latencyMs, quarantined, oldestPendingAt } =
    figures;
  const ready = nodes['ready'] ?? 0;
  const coming = (nodes['launching'] ?? 0) + (nodes['starting'] ?? 0);
  const going = (nodes['draining'] ?? 0) + (nodes['terminating'] ?? 0);
  const pending = requests.pending ?? 0;
  const wait = latencyMs.acceptedToPlaced;
  // An array that runs may have tasks that wait.
  const ofArrays = tasks.pending > pending ? `, ${plural(tasks.pending, 'task')}` : '';
  const oldest = oldestPendingAt === null ? '' : `, oldest ${ago(nowMs.value - Date.parse(oldestPendingAt))}`;
  return (
    <div class="tiles">
      <Tile
        label="Waiting"
        value={count(pending)}
        note={quarantined > 0 ? `${plural(quarantined, 'request')} set aside` : `requests${ofArrays}${oldest}`}
        tone={quarantined > 0 ? 'bad' : pending > 0 || tasks.pending > 0 ? 'wait' : ''}
        href={linkTo('requests', null, { state: 'pending', order: 'oldest' })}
      />
      <Tile
        label="Running"
        value={count(requests.running ?? 0)}
        note={`and ${plural(requests.active ?? 0, 'claim')}`}
        href={linkTo('requests', null, { state: 'running' })}
      />
      <Tile
        label="Nodes"
        value={count(ready)}
        note={coming + going === 0 ? 'ready' : `ready · ${String(coming)} coming, ${String(going)} going`}
        href={linkTo('nodes')}
      />
      <Tile label="In use" value={percent(utilisation.cpu)} note={`of vCPU · memory ${percent(utilisation.memory)}`} />
      <Tile
        label="Price"
        value={
          <>
            {usd(usdPerHour)}
            <small>/h</small>
          </>
        }
        note={plural(usage.instances, 'instance')}
        href={linkTo('cost')}
      />
      <Tile label="Spent" value={usd(spentUsd)} note="in all" href={linkTo('cost')} />
      <Tile
        label="Wait, median"
        value={duration(wait.p50)}
        note={wait.p50 === null ? 'nothing has started yet' : `95 % within ${duration(wait.p95)}`}
      />
    </div>
  );
}

interface PoolsPanelProps {
  readonly pools: Feed<Pools>;
  readonly figures: StatsView | null;
}

function PoolsPanel({ pools, figures }: PoolsPanelProps): JSX.Element {
  return (
    <Panel title="Pools">
      <Loaded feed={pools}>
        {({ items }) => (
          <ul class="pools">
            {items.map((pool) => (
              <PoolRow
                key={pool.name}
                pool={pool}
                figures={figures?.pools.find((one) => one.pool === pool.name) ?? null}
              />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

interface PoolRowProps {
  readonly pool: PoolView;
  /** null: not known yet, or there are very many pools. */
  readonly figures: StatsView['pools'][number] | null;
}

function PoolRow({ pool, figures }: PoolRowProps): JSX.Element {
  const here = figures?.instances ?? 0;
  const most = pool.limits.instances;
  const text = `${count(here)}${most === undefined ? '' : ` of ${count(most)}`} instances`;
  return (
    <li>
      <a href={linkTo('nodes', null, { pool: pool.name })}>{pool.name}</a>
      {most !== undefined && <Meter label={`Instances of ${pool.name}`} part={here} whole={most} text={text} />}
      <span class="faint">
        {figures !== null && text}
        {most !== undefined && share(here, most) >= 1 && ' · at its limit'}
        {figures !== null && figures.tasks.pending > 0 && ` · ${plural(figures.tasks.pending, 'task')} waiting`}
        {figures !== null && figures.usdPerHour > 0 && ` · ${usd(figures.usdPerHour)}/h`}
        {pool.paused !== undefined && ` · paused by ${pool.paused.by}`}
        {pool.deletingSince !== null && ' · being deleted'}
        {pool.quarantine !== undefined && ` · ${pool.quarantine}`}
      </span>
      <button
        type="button"
        class="small"
        onClick={() => {
          confirmAction(pausePool(pool));
        }}
      >
        {pool.paused === undefined ? 'Pause' : 'Resume'}
        <span class="sr"> pool {pool.name}</span>
      </button>
    </li>
  );
}
