// Carries calls to the simulated EC2 within the process, as the network and EC2's front do: throttled, met by faults,
// durable before they are answered, answered late or never.
import { CloudUnknownError } from '../../ports/cloud.ts';
import { noSuchAction } from './ec2/action.ts';
import { actions } from './ec2/actions.ts';
import { settle } from './ec2/families/settle.ts';
import type { QueryNode } from './ec2/protocol/query.ts';
import type { Wire } from './ec2/protocol/xml.ts';
import type { World } from './ec2/world.ts';
import { Ec2Error, requestLimitExceeded } from './cloud/errors.ts';

interface CallClock {
  sleep(ms: number): Promise<void>;
}

type Parameters = Readonly<Record<string, string>>;

/** One call of EC2's API: parameters are named as the Query protocol writes them. */
export interface Ec2Call<T> {
  readonly action: string;
  readonly parameters: Parameters;
  /** How many resources it concerns, for throttles that count them. */
  readonly resources: number;
  readonly run: (world: World) => T;
}

/** @throws Ec2Error as EC2 refuses; CloudUnknownError where no answer comes */
export type Ec2Carrier = <T>(call: Ec2Call<T>) => Promise<T>;

/** `onCall` is called for every call that reached the cloud, so that calls can be counted. */
export function ec2Carrier(
  world: World,
  clock: CallClock,
  onCall: (action: string, parameters: Parameters) => void = () => {},
): Ec2Carrier {
  return async ({ action, parameters, resources, run }) => {
    const { cloud } = world;
    const fault = cloud.faults.next(
      action,
      () => JSON.stringify(parameters),
      () => cloud.random.next(),
    );
    if (fault?.kind === 'drop-request') throw new CloudUnknownError(`${action}: no answer from EC2`);
    onCall(action, parameters);
    try {
      if (fault?.kind === 'throttle') throw requestLimitExceeded();
      if (fault?.kind === 'fail') throw new Ec2Error(fault.code, fault.message, fault.httpStatus);
      cloud.admit(action, resources);
      return run(world);
    } finally {
      // Durable before it is answered, also after an error: time went on, and a failed launch has used its token.
      world.commit();
      const delayMs = cloud.random.drawMs(cloud.options.callMs) + (fault?.kind === 'delay' ? fault.delayMs : 0);
      if (delayMs > 0) await clock.sleep(delayMs);
      if (fault?.kind === 'drop-response')
        throw new CloudUnknownError(`${action}: the connection broke before the answer came`);
    }
  };
}

/** An action of the Query protocol, as the simulated EC2's server takes it. @throws Ec2Error for one that EC2 lacks */
export function queryCall(name: string, parameters: Parameters): Ec2Call<Wire> {
  const action = actions.get(name);
  if (!action) throw noSuchAction(name);
  const node = nodeOf(parameters);
  return {
    action: name,
    parameters,
    resources: action.resources(node),
    run(world) {
      settle(world);
      return action.handle(world, node, 'in-process');
    },
  };
}

function nodeOf(parameters: Parameters): QueryNode {
  const root: QueryNode = { value: null, children: new Map() };
  for (const [name, value] of Object.entries(parameters)) {
    let node = root;
    for (const part of name.split('.')) {
      let next = node.children.get(part);
      if (!next) node.children.set(part, (next = { value: null, children: new Map() }));
      node = next;
    }
    node.value = value;
  }
  return root;
}
