// Nodes: each as packed bars of what it has, and the machines, volumes and networks of claims.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { NodeView, PoolView } from '../../lib/api/schemas/pools.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import { pathOf } from '../app/api.ts';
import { turnsOver, useFeed, useFeeds } from '../app/live.ts';
import { place } from '../app/location.ts';
import { count, plural, usd, vcpu } from '../logic/format.ts';
import { capacityOf, nodeOrders, shownNodes, stateOf } from '../logic/nodes.ts';
import type { NodeOrder } from '../logic/nodes.ts';
import { NodeBars } from '../parts/bars.tsx';
import { Age, Empty, Loading, NodeLink, Panel, RequestLink, State } from '../parts/basics.tsx';
import { Table } from '../parts/table.tsx';
import type { Column } from '../parts/table.tsx';
import { Choice, Word } from './requests.tsx';

const nodeStates = ['launching', 'ready', 'cordoned', 'stopping', 'stopped', 'starting', 'draining', 'terminating'];

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** An answer of more is not parsed within a frame on a slow machine. */
const pageSize = 500;
/** More pages than these are not read: the pool is chosen first. */
const pagesMax = 20;

/** All nodes of some pools: the first pages at once, and each further one when the one before is known. */
function useNodes(pools: readonly string[]): { readonly nodes: readonly NodeView[] | null; readonly isCut: boolean } {
  const path = (pool: string, cursor?: string): string =>
    pathOf(`/v1/pools/${pool}/nodes`, { tasks: 'true', limit: pageSize, cursor });
  const paths = pools.map((pool) => path(pool));
  // Cursors of a list by id do not change with its content, so that pages keep their address.
  const firsts = useFeeds<Page<NodeView>>(paths, 1);
  const more = followed(pools, firsts, path);
  const rest = useFeeds<Page<NodeView>>(more.paths, 4);
  more.learn(rest);
  const isKnown = pools.length > 0 && firsts.every((feed) => feed.data !== null || feed.error !== null);
  // 10,000 nodes are put together, and sorted, once when all that was asked is there, and not at every answer.
  const pages = [...firsts, ...rest];
  const read = `${String(turnsOver.value)} ${String(pages.filter((feed) => feed.data !== null).length)}`;
  const nodes = useMemo(() => pages.flatMap((feed) => feed.data?.items ?? []), [read, paths.join()]);
  return { nodes: isKnown ? nodes : null, isCut: more.isCut };
}

const cursors = new Map<string, string | null>();

type Feeds = readonly { readonly data: Page<NodeView> | null }[];

function followed(
  pools: readonly string[],
  firsts: Feeds,
  path: (pool: string, cursor?: string) => string,
): { readonly paths: readonly string[]; readonly isCut: boolean; readonly learn: (rest: Feeds) => void } {
  const paths: string[] = [];
  let isCut = false;
  pools.forEach((pool, at) => {
    let next = firsts[at]?.data?.nextCursor ?? null;
    for (let pages = 1; next !== null; pages += 1) {
      if (pages >= pagesMax) {
        isCut = true;
        break;
      }
      const following = path(pool, next);
      paths.push(following);
      next = cursors.get(following) ?? null;
    }
  });
  const learn = (rest: Feeds): void => {
    paths.forEach((one, at) => {
      const page = rest[at]?.data;
      if (page) cursors.set(one, page.nextCursor);
    });
  };
  return { paths, isCut, learn };
}

export function NodesPage(): JSX.Element {
  const { query } = place.value;
  const pools = useFeed<Page<PoolView>>('/v1/pools', 4);
  const names = pools.data?.items.map((pool) => pool.name) ?? [];
  const chosen = query['pool'] === undefined ? names : names.filter((name) => name === query['pool']);
  const { nodes, isCut } = useNodes(chosen);
  const order = nodeOrders.find((one) => one === query['order']) ?? 'age';
  return (
    <>
      <h1 tabIndex={-1}>Nodes</h1>
      <form
        class="filters"
        aria-label="Filter nodes"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <Choice label="Pool" name="pool" options={names} />
        <Choice label="State" name="state" options={nodeStates} />
        <Word label="Find" name="find" hint="id, type, zone" />
        <Choice
          label="Order"
          name="order"
          options={nodeOrders.slice(1)}
          texts={orderTexts.slice(1)}
          none="oldest first"
        />
      </form>
      <Fleet nodes={nodes} isCut={isCut} order={order} />
      <Claims />
    </>
  );
}

const orderTexts = ['oldest first', 'dearest first', 'by type', 'fullest first', 'emptiest first', 'by id'];

interface FleetProps {
  readonly nodes: readonly NodeView[] | null;
  readonly isCut: boolean;
  readonly order: NodeOrder;
}

function Fleet({ nodes, isCut, order }: FleetProps): JSX.Element {
  const { state, find: text } = place.value.query;
  const shown = useMemo(() => shownNodes(nodes ?? [], { state, text }, order), [nodes, state, text, order]);
  if (nodes === null) return <Loading />;
  const { have, used } = capacityOf(shown);
  const price = shown.reduce((sum, node) => sum + node.priceUsdPerHour, 0);
  return (
    <>
      <p class="sum">
        {plural(shown.length, 'node')} · {vcpu(used)} of {vcpu(have)} vCPU in use · {usd(price)}/h
        {isCut && ` · only the first ${count(pageSize * pagesMax)} of each pool`}
      </p>
      {shown.length === 0 ? (
        <Empty>
          {nodes.length === 0 ? 'There are no nodes: nothing runs, and nothing is paid for.' : 'No node is like this.'}
        </Empty>
      ) : (
        <Table label="Nodes" columns={columns} rows={shown} keyOf={({ id }) => id} rowHeight={44} />
      )}
    </>
  );
}

const columns: readonly Column<NodeView>[] = [
  { title: 'Node', cell: ({ id }) => <NodeLink id={id} /> },
  { title: 'State', cell: (node) => <State state={stateOf(node)} /> },
  { title: 'vCPU, memory, GPU', cell: (node) => <NodeBars node={node} />, class: 'grow' },
  { title: 'Tasks', cell: ({ tasks }) => count(tasks), align: 'right', isWide: true },
  { title: 'Type', cell: ({ instanceType }) => instanceType, isWide: true },
  { title: 'Capacity', cell: ({ capacityType }) => capacityType, isWide: true },
  { title: 'Zone', cell: ({ zone }) => zone, isWide: true },
  { title: 'Pool', cell: ({ pool }) => pool, isWide: true },
  { title: 'USD/h', cell: ({ priceUsdPerHour }) => usd(priceUsdPerHour), align: 'right', isWide: true },
  { title: 'Age', cell: ({ createdAt }) => <Age at={createdAt} />, align: 'right' },
];

const claimTypes = [
  ['virtual_machine', 'Machines'],
  ['storage', 'Volumes'],
  ['network', 'Networks'],
] as const;

function Claims(): JSX.Element {
  const feeds = useFeeds<Page<RequestView>>(
    claimTypes.map(([type]) => pathOf('/v1/requests', { type, state: 'active', limit: 100 })),
    2,
  );
  return (
    <div class="columns three">
      {claimTypes.map(([type, title], at) => {
        const page = feeds[at]?.data ?? null;
        return (
          <Panel
            key={type}
            title={title}
            aside={
              <a href={`#/requests?type=${type}`}>
                all<span class="sr"> {title}</span>
              </a>
            }
          >
            {page === null ? (
              <Loading />
            ) : page.items.length === 0 ? (
              <Empty>None is claimed.</Empty>
            ) : (
              <ul class="plain">
                {page.items.map((request) => (
                  <ClaimRow key={request.id} request={request} />
                ))}
              </ul>
            )}
          </Panel>
        );
      })}
    </div>
  );
}

function ClaimRow({ request }: { readonly request: RequestView }): JSX.Element {
  const { allocation } = request;
  const facts: readonly string[] =
    allocation === null
      ? ['nothing yet']
      : allocation.resourceType === 'ec2-instance'
        ? [allocation.instanceType, allocation.zone ?? '', `${usd(allocation.priceUsdPerHour)}/h`]
        : allocation.resourceType === 'ebs-volume'
          ? [`${String(allocation.sizeGib)} GiB ${allocation.volumeType}`, allocation.zone ?? '']
          : [allocation.groupId];
  const attachedTo = allocation?.resourceType === 'ebs-volume' ? allocation.attachedTo : null;
  return (
    <li>
      <RequestLink id={request.id} name={request.name} />
      <span class="faint">{facts.filter((one) => one !== '').join(' · ')}</span>
      <span class="faint">
        {attachedTo === null ? (
          `of ${request.tenant}`
        ) : (
          <>
            used by <RequestLink id={attachedTo} />
          </>
        )}
      </span>
    </li>
  );
}
