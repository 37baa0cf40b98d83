// What can be done, in the words of the CLI, through the API.
import type { NodeView, PoolView } from '../../lib/api/schemas/pools.ts';
import type { RequestView, TaskView } from '../../lib/api/schemas/requests.ts';
import { plural } from '../logic/format.ts';
import { linkTo } from '../logic/route.ts';
import { call } from './api.ts';
import type { Action } from './dialog.tsx';

const nameOf = ({ name, id }: RequestView): string => name ?? id;

export function cancelRequest(request: RequestView): Action {
  const isTask = request.type === 'task';
  return {
    title: `${isTask ? 'Cancel' : 'Release'} ${nameOf(request)}?`,
    text: isTask
      ? 'What waits never starts, and what runs is stopped. What has ended stays as it ended.'
      : 'What it has is given back: machines are terminated, volumes and networks go unless others use them.',
    button: isTask ? 'Cancel the request' : 'Release',
    isDangerous: true,
    run: async () => {
      await call('DELETE', `/v1/requests/${request.id}`);
      return `${nameOf(request)} is being ${isTask ? 'cancelled' : 'released'}.`;
    },
  };
}

export function cancelTask(request: RequestView, { index }: TaskView): Action {
  return {
    title: `Cancel task ${String(index)} of ${nameOf(request)}?`,
    text: 'The others go on.',
    button: 'Cancel the task',
    isDangerous: true,
    run: async () => {
      await call('DELETE', `/v1/requests/${request.id}/tasks/${String(index)}`);
      return `Task ${String(index)} ends soon.`;
    },
  };
}

export function retryFailed(request: RequestView): Action {
  return {
    title: `Run ${plural(request.counts.failed, 'failed task')} again?`,
    text: 'A new request of the same, for the tasks that failed only. This one stays as it is.',
    button: 'Retry',
    run: async () => {
      const made = await call<RequestView>('POST', `/v1/requests/${request.id}/retry`);
      location.hash = linkTo('requests', made.id);
      return `${made.id} runs again what failed.`;
    },
  };
}

/** Of claims: each is a POST without a body. */
const changes = {
  stop: ['Stop', 'The machine stops; its volumes and network stay, and it counts against limits still.'],
  start: ['Start', 'The stopped machine starts again, or waits while EC2 has no capacity.'],
  renew: ['Renew', 'Its lease runs anew, in its full length, from now.'],
  detach: ['Detach', 'The volume is detached, never by force, and stays active and free.'],
} as const;
export type Change = keyof typeof changes;

export function changeClaim(request: RequestView, change: Change): Action {
  const [word, text] = changes[change];
  return {
    title: `${word} ${nameOf(request)}?`,
    text,
    button: word,
    run: async () => {
      await call('POST', `/v1/requests/${request.id}/${change}`);
      return `${nameOf(request)}: ${change} is on its way.`;
    },
  };
}

const orders = {
  cordon: [
    'Cordon',
    'It takes no new tasks and stays, also without work. EC2, a drain and the end of its pool still take it.',
  ],
  uncordon: ['Uncordon', 'It takes tasks again.'],
  drain: ['Drain', 'It takes no new tasks, and is terminated when its tasks have ended.'],
  terminate: ['Terminate', 'Its tasks are stopped and queued again, which costs them no retry; then it is terminated.'],
} as const;
export type Order = keyof typeof orders;

export function orderNode(node: NodeView, order: Order): Action {
  const [word, text] = orders[order];
  const tasks = node.tasks === 0 ? 'It has no tasks now.' : `It has ${plural(node.tasks, 'task')} now.`;
  return {
    title: `${word} ${node.id}?`,
    text: `${text} ${tasks}`,
    button: word,
    isDangerous: order === 'drain' || order === 'terminate',
    run: async () => {
      await call('POST', `/v1/nodes/${node.id}/${order}`, order === 'drain' ? {} : undefined);
      return `${node.id}: ${order} is recorded.`;
    },
  };
}

export function pausePool({ name, paused }: PoolView): Action {
  const isPaused = paused !== undefined;
  return {
    title: isPaused ? `Resume pool ${name}?` : `Pause pool ${name}?`,
    text: isPaused
      ? 'It buys nodes and machines again.'
      : 'It buys nothing until it is resumed. What runs goes on, and nodes that are there take tasks.',
    button: isPaused ? 'Resume' : 'Pause',
    isDangerous: !isPaused,
    run: async () => {
      await call('POST', `/v1/pools/${name}/${isPaused ? 'resume' : 'pause'}`);
      return isPaused ? `Pool ${name} buys again.` : `Pool ${name} buys nothing until it is resumed.`;
    },
  };
}
