// The agents' side of HTTP as a Lambda handler: syncs and the output of attempts.
import { agentLimits } from '../../lib/api/limits.ts';
import { ProblemError } from '../../lib/api/problems.ts';
import { agentRoutes } from '../../lib/api/agent-routes.ts';
import type { AgentRouteId } from '../../lib/api/agent-routes.ts';
import type { AnswerOf, InputOf } from '../../lib/api/routes.ts';
import type { AgentUseCases } from '../../lib/control/use-cases.ts';
import type { SecretRef } from '../../lib/core/access/secrets.ts';
import type { GivenSecret } from '../../lib/core/records/sync.ts';
import { nothingLeftOut } from '../../lib/core/values/output.ts';
import type { IdentifyNode } from '../../lib/ports/access/identity.ts';
import type { Log } from '../../lib/ports/log.ts';
import type { Secrets } from '../../lib/ports/access/secrets.ts';
import type { Outputs } from '../../lib/ports/outputs.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createHttpHandler } from '../http/handler.ts';

export interface AgentOptions {
  readonly useCases: AgentUseCases;
  readonly outputs: Outputs;
  readonly secrets: Secrets;
  readonly identity: IdentifyNode;
  readonly log: Log;
}

interface Node {
  readonly nodeId: string;
}

type Operations = {
  readonly [Id in AgentRouteId]: (
    input: InputOf<(typeof agentRoutes)[Id]>,
    node: Node,
  ) => Promise<AnswerOf<(typeof agentRoutes)[Id]>>;
};

export function createAgentHandler({ useCases, outputs, secrets, identity, log }: AgentOptions): HttpHandler {
  const operations: Operations = {
    sync: async ({ body }, node) => {
      if (body.nodeId !== node.nodeId)
        throw new ProblemError('forbidden', `the agent of ${node.nodeId} cannot speak for ${body.nodeId}`);
      return useCases.sync(body);
    },
    putOutput: async ({ params, body }, node) => {
      if (!(await useCases.hasAttempt(node.nodeId, params.attemptId)))
        throw new ProblemError(
          'forbidden',
          `${node.nodeId} does not run ${params.attemptId} (any more), so its output is not its to store`,
        );
      await outputs.write(params.attemptId, {
        stdout: body.stdout,
        stderr: body.stderr,
        isTruncated: body.truncated,
        leftOutBytes: body.leftOutBytes ?? nothingLeftOut,
      });
      return null;
    },
    readSecrets: async ({ params: { attemptId } }, { nodeId }) => {
      const wanted = await useCases.secretsOfAttempt(nodeId, attemptId);
      if (wanted === null)
        throw new ProblemError('forbidden', `${nodeId} does not run ${attemptId} (any more), so it gets no secrets`);
      log.write('info', 'an attempt is given secrets', {
        node: nodeId,
        attempt: attemptId,
        secrets: wanted.map((one) => one.from),
      });
      const read = async ({ name, as, from }: SecretRef): Promise<GivenSecret> => ({
        name,
        as,
        value: await secrets.read(from),
      });
      return { secrets: await Promise.all(wanted.map(read)) };
    },
  };
  return createHttpHandler<Node>({
    routes: agentRoutes,
    operations,
    bodyBytesMax: agentLimits.bodyBytes,
    log,
    authorize: async (_route, event) => {
      const node = await identity({ headers: event.headers, requestContext: event.requestContext });
      if (node === null)
        throw new ProblemError('unauthorized', 'the agent is not known; it must call with the identity of its node');
      return node;
    },
  });
}
