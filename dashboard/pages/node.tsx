// One node: how full it is and with what, why it is kept or goes, and the operator's brake.
import type { JSX } from 'preact';
import type { NodeView } from '../../lib/api/schemas/pools.ts';
import { orderNode } from '../app/actions.ts';
import type { Order } from '../app/actions.ts';
import { confirmAction } from '../app/dialog.tsx';
import { useFeed } from '../app/live.ts';
import { count, memory, usd, vcpu } from '../logic/format.ts';
import { stateOf } from '../logic/nodes.ts';
import { linkTo } from '../logic/route.ts';
import { NodeBars } from '../parts/bars.tsx';
import { Age, Empty, Facts, Loaded, Panel, RequestLink, State, Time, Words } from '../parts/basics.tsx';
import { Table } from '../parts/table.tsx';
import type { Column } from '../parts/table.tsx';

interface Why {
  readonly node: NodeView;
  readonly summary: string;
  readonly mayGoAt: string | null;
  readonly methods: readonly {
    readonly method: string;
    readonly takes: boolean;
    readonly reason: string;
    readonly at: string | null;
  }[];
}

export function NodePage({ id }: { readonly id: string }): JSX.Element {
  const feed = useFeed<Why>(`/v1/nodes/${encodeURIComponent(id)}/why`);
  return (
    <>
      <p class="crumbs">
        <a href={linkTo('nodes')}>Nodes</a>
      </p>
      <Loaded feed={feed}>
        {(why) => (
          <>
            <Head node={why.node} />
            <Panel title="What is on it">
              <NodeBars node={why.node} isLarge />
              <Assigned node={why.node} />
            </Panel>
            <Panel title="Why it is kept, or goes">
              <p>
                <Words text={sentence(why.summary)} />
                {why.mayGoAt !== null && (
                  <>
                    {' '}
                    Unless something happens before, {methodAt(why)} may take it at <Time at={why.mayGoAt} />.
                  </>
                )}
              </p>
              <Methods methods={why.methods} />
            </Panel>
          </>
        )}
      </Loaded>
      {feed.error?.status === 404 && (
        <Empty>
          It may be gone: what it did is in the activity of its pool, on <a href={linkTo('now')}>Now</a>.
        </Empty>
      )}
    </>
  );
}

/** By name: that an agent may fall silent is no reason to expect it. */
function methodAt({ methods, mayGoAt }: Why): string {
  return methods.find((one) => one.at === mayGoAt)?.method ?? 'a method';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function ordersOf({ state, cordoned }: NodeView): readonly Order[] {
  if (state === 'terminating') return [];
  if (state === 'draining') return ['terminate'];
  return [cordoned === null ? 'cordon' : 'uncordon', 'drain', 'terminate'];
}

const words: Readonly<Record<Order, string>> = {
  cordon: 'Cordon',
  uncordon: 'Uncordon',
  drain: 'Drain',
  terminate: 'Terminate',
};

function Head({ node }: { readonly node: NodeView }): JSX.Element {
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>
          {node.id} <State state={stateOf(node)} />
        </h1>
        <div class="buttons">
          {ordersOf(node).map((order) => (
            <button
              key={order}
              type="button"
              class={order === 'terminate' || order === 'drain' ? 'danger' : ''}
              onClick={() => {
                confirmAction(orderNode(node, order));
              }}
            >
              {words[order]}
            </button>
          ))}
        </div>
      </div>
      <Facts
        items={[
          ['Pool', <a href={linkTo('nodes', null, { pool: node.pool })}>{node.pool}</a>],
          ['Type', node.instanceType],
          ['Capacity', node.capacityType],
          ['Zone', node.zone],
          ['Price', `${usd(node.priceUsdPerHour)}/h`],
          [
            'Launched',
            <>
              <Time at={node.createdAt} withDay /> (<Age at={node.createdAt} />)
            </>,
          ],
          ['Ready', <Time at={node.readyAt} />],
          ['Last seen', <Time at={node.lastSeenAt} />],
          ['Tasks', `${count(node.tasks)} of at most ${count(node.tasksMax)}`],
          ['Drains because', node.drainReason],
          ['Stops tasks at', node.stopsTasksAt === null ? null : <Time at={node.stopsTasksAt} withDay />],
          ['Cordoned by', node.cordoned?.by],
          [
            'EC2 takes it',
            node.announced === null ? null : (
              <>
                {node.announced.reason}, <Time at={node.announced.at} withDay />
              </>
            ),
          ],
        ]}
      />
    </>
  );
}

type AssignedTask = NonNullable<NodeView['assigned']>[number];

const taskColumns: readonly Column<AssignedTask>[] = [
  {
    title: 'Task',
    cell: ({ request, index }) =>
      request === null ? (
        <span class="faint">of another tenant</span>
      ) : (
        <>
          <RequestLink id={request} /> <span class="faint">[{index}]</span>
        </>
      ),
    class: 'grow',
  },
  { title: 'vCPU', cell: (task) => vcpu(task.vcpu), align: 'right' },
  { title: 'Memory', cell: (task) => memory(task.memoryMib), align: 'right' },
  { title: 'GPU', cell: (task) => vcpu(task.gpu), align: 'right', isWide: true },
  { title: 'Attempt', cell: (task) => String(task.attempt), align: 'right', isWide: true },
  { title: 'Started', cell: (task) => <Time at={task.startedAt} />, align: 'right' },
];

function Assigned({ node }: { readonly node: NodeView }): JSX.Element {
  const { assigned = [] } = node;
  if (assigned.length === 0) return <Empty>No task is on it.</Empty>;
  return (
    <Table
      label="Tasks on the node"
      columns={taskColumns}
      rows={assigned}
      keyOf={(task) => `${task.request ?? task.placedAt} ${String(task.index)}`}
    />
  );
}

function Methods({ methods }: Pick<Why, 'methods'>): JSX.Element {
  return (
    <table class="list loose" aria-label="Methods by which nodes go">
      <thead>
        <tr>
          <th scope="col">Method</th>
          <th scope="col">Takes it</th>
          <th scope="col" class="grow">
            Because
          </th>
        </tr>
      </thead>
      <tbody>
        {methods.map((one) => (
          <tr key={one.method}>
            <td>{one.method}</td>
            <td>{one.takes ? <span class="tag warn">yes</span> : 'no'}</td>
            <td class="wrap">
              <Words text={one.reason} />{' '}
              {one.at !== null && (
                <span class="faint">
                  (until <Time at={one.at} />)
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
