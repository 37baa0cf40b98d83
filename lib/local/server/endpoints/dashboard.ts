// The dashboard's page and its files, beside the API that it asks.
import { createPages } from '../../../../dashboard/serve/pages.ts';
import type { GatewayResult } from '../../../adapters/local/http-event.ts';
import type { GatewayHandler } from '../../../adapters/local/http-server.ts';
import { problemOf } from '../../../api/problems.ts';
import type { ProblemCode } from '../../../api/problems.ts';
import type { Log } from '../../../ports/log.ts';

/** A call costs nothing here: what happens is seen within two seconds. */
const settings = { refreshMs: 1_500, idleRefreshMs: 1_500, restRefreshMs: 1_500, where: 'this machine' };

export function createDashboardEndpoint(log: Log): GatewayHandler {
  const pages = createPages(settings);
  return async ({ rawPath, requestContext: { http } }) => {
    if (http.method !== 'GET' && http.method !== 'HEAD')
      return refusal('method_not_allowed', `${rawPath} is a page: it takes GET`);
    try {
      const answer = await pages(rawPath);
      if (answer === null) return refusal('not_found', `there is no file ${rawPath}; the dashboard is at /`);
      return { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body };
    } catch (error) {
      log.write('error', 'the dashboard could not be built', { error });
      return refusal('internal', 'the dashboard could not be built; server.log says why, and the API works without it');
    }
  };
}

function refusal(code: ProblemCode, detail: string): GatewayResult {
  const problem = problemOf(code, detail);
  return {
    statusCode: problem.status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}
