// Calls of the EC2 Query protocol within the process: the simulated cloud's front without its HTTP server, met by
// the same faults and delays as its compute port.
import { ComputeUnknownError } from '../../ports/compute.ts';
import { actions } from './ec2/actions.ts';
import type { QueryNode } from './ec2/protocol/query.ts';
import { answerXml, errorXml } from './ec2/protocol/xml.ts';
import type { World } from './ec2/world.ts';
import { Ec2Error, requestLimitExceeded } from './cloud/errors.ts';

interface CallClock {
  sleep(ms: number): Promise<void>;
}

export interface Ec2Answer {
  readonly status: number;
  readonly xml: string;
}

/** One call: parameters are named as the protocol writes them. */
export type Ec2Call = (action: string, parameters: Readonly<Record<string, string>>) => Promise<Ec2Answer>;

/** `onCall` is told of every call that reached the cloud: for counts. */
export function simulatedEc2Call(
  world: World,
  clock: CallClock,
  onCall: (action: string, parameters: Readonly<Record<string, string>>) => void = () => {},
): Ec2Call {
  return async (name, parameters) => {
    const { cloud } = world;
    const fault = cloud.faults.next(
      name,
      () => JSON.stringify(parameters),
      () => cloud.random.next(),
    );
    if (fault?.kind === 'drop-request') throw new ComputeUnknownError(`${name}: no answer from EC2`);
    onCall(name, parameters);
    const answer = ((): { status: number; xml: string } => {
      try {
        if (fault?.kind === 'throttle') throw requestLimitExceeded();
        if (fault?.kind === 'fail') throw new Ec2Error(fault.code, fault.message, fault.httpStatus);
        const action = actions.get(name);
        if (!action) throw new Ec2Error('InvalidAction', `The action ${name} is not valid for this web service.`);
        const node = nodeOf(parameters);
        cloud.admit(name, action.resources(node));
        return { status: 200, xml: answerXml(name, 'in-process', action.handle(world, node, 'in-process')).toString() };
      } catch (error) {
        if (!(error instanceof Ec2Error)) throw error;
        return { status: error.httpStatus, xml: errorXml('in-process', error.ec2Code, error.message).toString() };
      } finally {
        // Durable before it is answered, also after an error: time went on, and a failed launch has used its token.
        world.commit();
      }
    })();
    const delayMs = cloud.random.drawMs(cloud.options.callMs) + (fault?.kind === 'delay' ? fault.delayMs : 0);
    if (delayMs > 0) await clock.sleep(delayMs);
    if (fault?.kind === 'drop-response')
      throw new ComputeUnknownError(`${name}: the connection broke before the answer came`);
    return answer;
  };
}

function nodeOf(parameters: Readonly<Record<string, string>>): QueryNode {
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
