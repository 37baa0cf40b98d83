// Who paid what, by day: by pool, tenant, or a label.
import type { JSX } from 'preact';
import type { CostsView } from '../../../lib/api/schemas/figures/costs.ts';
import { pathOf } from '../../app/api.ts';
import { nowMs, useFeed } from '../../app/live.ts';
import { place } from '../../app/location.ts';
import { billsOf } from '../../logic/bills.ts';
import type { Bills } from '../../logic/bills.ts';
import { percent, usd } from '../../logic/format.ts';
import { Empty, Loaded, Panel } from '../../parts/basics.tsx';
import { Choice, Word } from '../requests.tsx';

const dayMs = 86_400_000;
const spans: readonly (readonly [string, string])[] = [
  ['1', 'today'],
  ['30', '30 days'],
  ['90', '90 days'],
];

export function BillsPanel(): JSX.Element {
  const { by = 'pool', label, days = '7' } = place.value.query;
  const group = label === undefined ? by : `label.${label}`;
  const back = Math.max(0, (Number(days) || 7) - 1);
  const since = new Date(Math.floor(nowMs.peek() / dayMs) * dayMs - back * dayMs).toISOString();
  const feed = useFeed<CostsView>(pathOf('/v1/costs', { by: group, since }), 10);
  return (
    <Panel title="Who paid what, by day">
      <form
        class="filters"
        aria-label="Costs by"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <Choice label="By" name="by" options={['tenant']} none="pool" />
        <Word label="or by label" name="label" hint="team" />
        <Choice
          label="Since"
          name="days"
          options={spans.map(([key]) => key)}
          texts={spans.map(([, text]) => text)}
          none="7 days"
        />
      </form>
      <Loaded feed={feed}>
        {(view) => (view.days.length === 0 ? <Empty>Nothing cost anything.</Empty> : <Shown view={view} />)}
      </Loaded>
    </Panel>
  );
}

function Shown({ view }: { readonly view: CostsView }): JSX.Element {
  const bills = billsOf(view);
  return (
    <>
      <p class="sum">
        {usd(view.usd)} in all, {percent(view.usd === 0 ? null : view.idleUsd / view.usd)} of it for what no task asked
        for
      </p>
      <div class="columns even">
        <Days bills={bills} />
        <Groups view={view} bills={bills} />
      </div>
    </>
  );
}

function Days({ bills }: { readonly bills: Bills }): JSX.Element {
  const most = Math.max(...bills.days.map((one) => one.usd), 1e-12);
  return (
    <table class="list loose" aria-label="Costs by day">
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          <th scope="col" class="grow">
            Share
          </th>
          <th scope="col" class="right">
            Paid
          </th>
        </tr>
      </thead>
      <tbody>
        {bills.days.toReversed().map(({ day, usd: paid, parts }) => {
          const text = bills.names.map((name, at) => `${name} ${usd(parts[at] ?? 0)}`).join(', ');
          return (
            <tr key={day}>
              <th scope="row">{day}</th>
              <td class="grow">
                <div class="stack" role="img" aria-label={text} title={text}>
                  {parts.map((part, at) => (
                    <i
                      key={bills.names[at]}
                      class={`group g${String(at)}`}
                      style={{ width: `${String((100 * part) / most)}%` }}
                    />
                  ))}
                </div>
              </td>
              <td class="right">{usd(paid)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface GroupsProps {
  readonly view: CostsView;
  readonly bills: Bills;
}

function Groups({ view, bills }: GroupsProps): JSX.Element {
  return (
    <table class="list loose" aria-label="Costs by group">
      <thead>
        <tr>
          <th scope="col" class="grow">
            {view.by.replace(/^label\./, '')}
          </th>
          <th scope="col" class="right">
            Paid
          </th>
          <th scope="col" class="right">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {view.groups.slice(0, 50).map(({ name, usd: paid }) => {
          const at = bills.names.indexOf(name);
          return (
            <tr key={name}>
              <td>
                <i class={`key group g${String(at < 0 ? bills.names.length - 1 : at)}`} aria-hidden="true" />
                {name}
              </td>
              <td class="right">{usd(paid)}</td>
              <td class="right">{percent(view.usd === 0 ? null : paid / view.usd)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
