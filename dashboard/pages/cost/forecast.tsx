// What pools will want when a node that is bought now has booted. Nothing is shown of a pool that knows too little.
import type { JSX } from 'preact';
import type { ForecastView } from '../../../lib/api/schemas/figures/forecast.ts';
import type { HistoryView } from '../../../lib/api/schemas/figures/history.ts';
import type { PoolView } from '../../../lib/api/schemas/pools.ts';
import { useFeed, useFeeds } from '../../app/live.ts';
import { fanOf } from '../../logic/forecast.ts';
import { count, duration, percent, vcpu } from '../../logic/format.ts';
import { linkTo } from '../../logic/route.ts';
import { Facts, Panel } from '../../parts/basics.tsx';

const poolsMax = 10;
/** They change by the minute, and cost reads: at every so-manieth turn. */
const every = 20;

export function ForecastPanel(): JSX.Element | null {
  const pools = useFeed<{ readonly items: readonly PoolView[] }>('/v1/pools', every);
  const names = (pools.data?.items ?? []).slice(0, poolsMax).map((pool) => pool.name);
  const feeds = useFeeds<ForecastView>(
    names.map((name) => `/v1/pools/${name}/forecast`),
    every,
  );
  const known = names.flatMap((name, at) => {
    const forecast = feeds[at]?.data ?? null;
    return forecast === null || forecast.method === null ? [] : [{ name, forecast }];
  });
  if (known.length === 0) return null;
  return (
    <Panel title="What will be wanted" aside={<span class="faint">as far ahead as a node takes to boot</span>}>
      {known.map(({ name, forecast }) => (
        <PoolForecast key={name} name={name} forecast={forecast} />
      ))}
    </Panel>
  );
}

interface PoolForecastProps {
  readonly name: string;
  readonly forecast: ForecastView;
}

function PoolForecast({ name, forecast }: PoolForecastProps): JSX.Element {
  const { demandVcpu, expectedVcpu, lowVcpu, wantedVcpu, leadSeconds, quantile, acts, reason } = forecast;
  const history = useFeed<HistoryView>(`/v1/pools/${name}/history?stepSeconds=600`, every);
  const [low, expected, wanted] = [lowVcpu ?? 0, expectedVcpu ?? 0, wantedVcpu ?? 0];
  // Short, so that it stands below the fan on a phone too.
  const ahead = leadSeconds < 120 ? `in ${count(leadSeconds)} s` : `in ${count(leadSeconds / 60)} min`;
  return (
    <div class="forecast">
      <h3>
        <a href={linkTo('nodes', null, { pool: name })}>{name}</a>
        <span class={`tag ${acts ? 'run' : 'calm'}`}>{acts ? 'buys ahead by it' : 'does not act on it'}</span>
      </h3>
      <Fan
        text={
          `${vcpu(demandVcpu)} vCPU wanted now, ${vcpu(expected)} expected ${ahead}, `
          + `between ${vcpu(low)} and ${vcpu(wanted)}`
        }
        ahead={ahead}
        demand={{ past: knownOf(history.data), now: demandVcpu, low, expected, wanted }}
      />
      <Facts
        items={[
          ['Wanted now', `${vcpu(demandVcpu)} vCPU`],
          [`Expected ${ahead}`, `${vcpu(expected)} vCPU`],
          [`At most, ${percent(quantile)} of the time`, `${vcpu(wanted)} vCPU`],
          ['At least, as often', `${vcpu(low)} vCPU`],
          ['Method', forecast.method],
        ]}
      />
      <p class="because">{reason}</p>
      <details>
        <summary>How far off each method was</summary>
        <Methods forecast={forecast} />
      </details>
    </div>
  );
}

/** Since when the pool knows its demand; what was before is no demand of nothing. */
function knownOf(history: HistoryView | null): readonly number[] {
  if (history === null || history.knownSince === null) return [];
  const { knownSince, items, stepSeconds } = history;
  const fromMs = Date.parse(knownSince) - stepSeconds * 1000;
  return items.filter(({ at }) => Date.parse(at) > fromMs).map((one) => one.vcpu);
}

const [width, height] = [600, 130];

interface FanProps {
  readonly text: string;
  readonly ahead: string;
  readonly demand: Parameters<typeof fanOf>[0];
}

function Fan({ text, ahead, demand }: FanProps): JSX.Element {
  const fan = fanOf(demand, width, height);
  return (
    <figure class="plot">
      <figcaption>
        <span>vCPU that tasks want</span>
        <span class="reading">
          <span>
            <i class="key c2" />
            wanted
          </span>
          <span>
            <i class="key c4" />
            forecast, and its band
          </span>
        </span>
      </figcaption>
      <div class="canvas" role="img" aria-label={text} title={text}>
        <svg viewBox={`0 0 ${String(width)} ${String(height)}`} preserveAspectRatio="none" aria-hidden="true">
          {[0.25, 0.5, 0.75].map((part) => (
            <line key={part} class="grid" x1="0" x2={width} y1={height * part} y2={height * part} />
          ))}
          <g class="c4">
            <path class="area band" d={fan.band} />
            <path class="line" d={fan.expected} />
          </g>
          <g class="c2">
            <path class="line" d={fan.past} />
          </g>
          <line class="cursor" x1={fan.nowX} x2={fan.nowX} y1="0" y2={height} />
        </svg>
        <span class="most">{vcpu(fan.most)}</span>
      </div>
      <p class="axis faint fan">
        <span>{duration(demand.past.length * 600_000)} ago</span>
        <span>now</span>
        <span>{ahead}</span>
      </p>
    </figure>
  );
}

function Methods({ forecast: { methods, method: chosen } }: { readonly forecast: ForecastView }): JSX.Element {
  return (
    <table class="list loose" aria-label="Past errors by method">
      <thead>
        <tr>
          <th scope="col" class="grow">
            Method
          </th>
          <th scope="col" class="right">
            Off by, on average
          </th>
          <th scope="col" class="right">
            Forecasts
          </th>
        </tr>
      </thead>
      <tbody>
        {methods.map(({ method, naive, meanErrorVcpu, steps }) => (
          <tr key={method}>
            <td>
              {method} {naive && <span class="faint">naive</span>}{' '}
              {method === chosen && <span class="tag good">counts</span>}
            </td>
            <td class="right">{vcpu(meanErrorVcpu)} vCPU</td>
            <td class="right">{count(steps)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
