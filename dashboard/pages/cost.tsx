// Cost: what is paid now and for what, and where money went that was not needed.
import type { JSX } from 'preact';
import type { RegretView } from '../../lib/api/schemas/figures/regret.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import { useFeed } from '../app/live.ts';
import { place } from '../app/location.ts';
import { count, percent, plural, usd } from '../logic/format.ts';
import { linkTo } from '../logic/route.ts';
import { daysOf, parts } from '../logic/money.ts';
import type { DayOfMoney } from '../logic/money.ts';
import { Empty, Loaded, Panel, Tile } from '../parts/basics.tsx';
import { BillsPanel } from './cost/bills.tsx';
import { CommitmentsPanel } from './cost/commitments.tsx';
import { ForecastPanel } from './cost/forecast.tsx';
import { Choice } from './requests.tsx';

export function CostPage(): JSX.Element {
  const stats = useFeed<StatsView>('/v1/stats');
  const regret = useFeed<RegretView>('/v1/regret', 10);
  return (
    <>
      <h1 tabIndex={-1}>Cost</h1>
      <Loaded feed={stats}>{(figures) => <Now figures={figures} />}</Loaded>
      <BillsPanel />
      <CommitmentsPanel />
      <ForecastPanel />
      <Panel
        title="What was needed, and what was not"
        aside={<span class="faint">of nodes that have ended, in hindsight</span>}
      >
        <Loaded feed={regret}>{(view) => <Regret view={view} />}</Loaded>
      </Panel>
      <Loaded feed={stats}>{(figures) => <Claimed figures={figures} />}</Loaded>
    </>
  );
}

function Now({ figures }: { readonly figures: StatsView }): JSX.Element {
  const { usdPerHour, spentUsd, nodesByType, launchedNodes, goneNodes, catalog } = figures;
  const types = Object.entries(nodesByType).sort(([, a], [, b]) => b - a);
  const claimsUsd = (figures.claimed ?? []).reduce((sum, one) => sum + one.usdPerHour, 0);
  return (
    <div class="tiles">
      <Tile
        label="Price now"
        value={
          <>
            {usd(usdPerHour)}
            <small>/h</small>
          </>
        }
        note={`${usd(usdPerHour * 24)} a day at this rate · nodes by price`}
        href={linkTo('nodes', null, { order: 'price' })}
      />
      <Tile
        label="Of it, claims"
        value={
          <>
            {usd(claimsUsd)}
            <small>/h</small>
          </>
        }
        note="machines and volumes"
      />
      <Tile label="Spent" value={usd(spentUsd)} note="in all" />
      <Tile label="Nodes bought" value={count(launchedNodes)} note={`${plural(goneNodes, 'node')} given back`} />
      <Tile
        label="Types now"
        value={types[0]?.[0] ?? '–'}
        note={
          types
            .slice(0, 3)
            .map(([type, n]) => `${String(n)} x ${type}`)
            .join(', ') || 'no nodes'
        }
      />
      <Tile label="Prices from" value={catalog.offerings.source} note={catalog.offerings.region} />
    </div>
  );
}

function Regret({ view }: { readonly view: RegretView }): JSX.Element {
  const names = view.pools.flatMap((one) => one.pool ?? []);
  const pool = place.value.query['pool'] ?? null;
  const days = daysOf(view, pool);
  if (days.length === 0) return <Empty>No node has ended since this is counted.</Empty>;
  const most = Math.max(...days.map((one) => one.usd.paid), 1e-12);
  return (
    <>
      <form
        class="filters"
        aria-label="Which pool"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <Choice label="Pool" name="pool" options={names} none="all pools" />
      </form>
      <ul class="legend" aria-label="Parts">
        {parts.map(([part, label, meaning]) => (
          <li key={part} title={meaning}>
            <i class={`money ${part}`} />
            {label}
          </li>
        ))}
      </ul>
      <div class="scroll" tabIndex={0} role="region" aria-label="Money by day">
        <table class="list loose money-table" aria-label="Money by day">
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col" class="grow">
                Share
              </th>
              <th scope="col" class="right">
                Paid
              </th>
              <th scope="col" class="right">
                Not needed
              </th>
              <th scope="col" class="right">
                Nodes
              </th>
              {parts.map(([part, label]) => (
                <th key={part} scope="col" class="right wide">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((one) => (
              <DayRow key={one.day} day={one} most={most} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">Size and lifetime are at least so much. What tasks used of what they asked for is in needed.</p>
    </>
  );
}

function DayRow({ day, most }: { readonly day: DayOfMoney; readonly most: number }): JSX.Element {
  const { usd: money } = day;
  const notNeeded = money.paid - money.needed;
  const text = parts.map(([part, label]) => `${label} ${usd(money[part])}`).join(', ');
  return (
    <tr>
      <th scope="row">{day.day}</th>
      <td class="grow">
        <div class="stack" role="img" aria-label={text} title={text}>
          {parts.map(([part]) => (
            <i
              key={part}
              class={`money ${part}`}
              style={{ width: `${String((100 * Math.max(0, money[part])) / most)}%` }}
            />
          ))}
        </div>
      </td>
      <td class="right">{usd(money.paid)}</td>
      <td class="right">
        {usd(notNeeded)} <span class="faint">{percent(money.paid === 0 ? null : notNeeded / money.paid)}</span>
      </td>
      <td class="right">{count(day.nodes)}</td>
      {parts.map(([part]) => (
        <td key={part} class="right wide">
          {usd(money[part])}
        </td>
      ))}
    </tr>
  );
}

function Claimed({ figures }: { readonly figures: StatsView }): JSX.Element {
  const { claimed = [] } = figures;
  return (
    <Panel title="What is claimed">
      {claimed.length === 0 ? (
        <Empty>No machine, volume or network is claimed.</Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Claims by type, pool and tenant">
          <table class="list loose" aria-label="Claims by type, pool and tenant">
            <thead>
              <tr>
                {['Type', 'Pool', 'Tenant'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
                {['Requests', 'Instances', 'GiB', 'USD/h'].map((title) => (
                  <th key={title} scope="col" class="right">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {claimed.map((one) => (
                <tr key={`${one.type} ${one.pool} ${one.tenant}`}>
                  <td>{one.type.replaceAll('_', ' ')}</td>
                  <td>{one.pool}</td>
                  <td>{one.tenant}</td>
                  <td class="right">{count(one.requests)}</td>
                  <td class="right">{count(one.instances)}</td>
                  <td class="right">{count(one.volumeGib)}</td>
                  <td class="right">{usd(one.usdPerHour)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
