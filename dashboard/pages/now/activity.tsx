// What the fleet did in the last hour, each decision with its reason.
import type { JSX } from 'preact';
import type { ActivityView } from '../../../lib/api/schemas/figures/activity.ts';
import { nowMs, useFeeds } from '../../app/live.ts';
import { codeText, usd } from '../../logic/format.ts';
import { linkTo } from '../../logic/route.ts';
import { Empty, Loading, NodeLink, Panel, Time, Words } from '../../parts/basics.tsx';

type Item = ActivityView['items'][number];

const hourMs = 3_600_000;
const poolsMax = 10;
const shownMax = 60;

export function Activity({ pools }: { readonly pools: readonly string[] }): JSX.Element {
  const feeds = useFeeds<ActivityView>(
    pools.slice(0, poolsMax).map((name) => `/v1/pools/${name}/activity?limit=${String(shownMax)}`),
    2,
  );
  const isKnown = pools.length > 0 && feeds.some((feed) => feed.data !== null);
  const items = feeds
    .flatMap((feed, at) => (feed.data?.items ?? []).map((item) => ({ item, pool: pools[at] ?? '' })))
    .filter(({ item }) => nowMs.value - Date.parse(item.at) < hourMs)
    .sort((a, b) => (a.item.at > b.item.at ? -1 : 1))
    .slice(0, shownMax);
  return (
    <Panel
      title="What the fleet did in the last hour"
      class="feed"
      aside={<a href={linkTo('requests', null, { state: 'failed', since: '1h' })}>requests that failed in it</a>}
    >
      {!isKnown ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty>Nothing was bought or given back, and nothing went wrong.</Empty>
      ) : (
        <ol class="activity">
          {items.map(({ item, pool }) => (
            <ActivityItem key={`${item.at}${item.code}${item.nodeId ?? item.message}`} item={item} pool={pool} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

const tones: readonly (readonly [RegExp, string])[] = [
  [/failed|refused|error|set_aside|delayed|orphan/, 'bad'],
  [/paused|announced|interrupt|lost|drain|open_to_world/, 'warn'],
  [/launch|resumed/, 'good'],
];

function toneOfCode(code: string): string {
  return tones.find(([pattern]) => pattern.test(code))?.[1] ?? 'calm';
}

/** The node is named beside the time already. */
function withoutNode({ nodeId, message }: Item): string {
  if (nodeId === null || !message.startsWith(nodeId)) return message;
  return message.slice(nodeId.length).replace(/^[:\s]+/, '');
}

/** The first sentence at once; the reasons, runners-up and bounds after it where one asks. */
function ActivityItem({ item, pool }: { readonly item: Item; readonly pool: string }): JSX.Element {
  const text = withoutNode(item);
  const [, first = text, rest = ''] = /^(.+?\.)\s+(.*)$/s.exec(text) ?? [];
  return (
    <li class={toneOfCode(item.code)}>
      <p class="headline">
        <Time at={item.at} />
        <span class={`tag ${toneOfCode(item.code)}`}>{codeText(item.code)}</span>
        {item.nodeId !== null && <NodeLink id={item.nodeId} />}
        {item.priceUsdPerHour !== null && <span class="faint">{usd(item.priceUsdPerHour)}/h</span>}
        <span class="faint pool">{pool}</span>
      </p>
      {rest === '' ? (
        <p>
          <Words text={text} />
        </p>
      ) : (
        <details>
          <summary>
            <Words text={first} />
          </summary>
          <p>
            <Words text={rest} />
          </p>
        </details>
      )}
      {item.principal !== undefined && <p class="faint">by {item.principal}</p>}
    </li>
  );
}
