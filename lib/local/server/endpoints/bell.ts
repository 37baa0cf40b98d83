// Where agents on this machine wait for their bells: a call is answered when its bell is rung, or after the time that
// it names.
import type { LocalBells } from '../../../adapters/local/bells.ts';
import type { GatewayHandler } from '../../../adapters/local/http-server.ts';
import type { GatewayResult } from '../../../adapters/local/http-event.ts';
import type { ProblemCode } from '../../../api/problems.ts';
import { problemOf } from '../../../api/problems.ts';
import { ringWaitMs } from '../../../core/records/sync.ts';
import type { IdentifyNode } from '../../../ports/access/identity.ts';

export function createBellEndpoint(bells: LocalBells, identify: IdentifyNode): GatewayHandler {
  return async (event) => {
    const { method, path } = event.requestContext.http;
    if (method !== 'GET') return refused('method_not_allowed', `${path} takes GET, with waitMs`);
    const node = await identify({ headers: event.headers, requestContext: event.requestContext });
    if (node === null) return refused('unauthorized', 'the agent is not known; it must call as its node');
    const waitMs = Number(event.queryStringParameters?.['waitMs'] ?? '0');
    if (!Number.isInteger(waitMs) || waitMs < 0 || waitMs > ringWaitMs)
      return refused('invalid_request', `waitMs must be a whole number from 0 to ${String(ringWaitMs)}`);
    const isRung = await bells.wait(node.nodeId, waitMs);
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ isRung }) };
  };
}

function refused(code: ProblemCode, detail: string): GatewayResult {
  const problem = problemOf(code, detail);
  return {
    statusCode: problem.status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}
