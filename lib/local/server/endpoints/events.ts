// A door for events of AWS on a laptop: what EventBridge would deliver, sent by POST, so that alarms can be tried
// without AWS. On AWS there is no such door; whoever can connect to the loopback port may do everything here.
import * as z from 'zod';
import type { EventsHandler } from '../../../../lambdas/events/handler.ts';
import type { GatewayHandler } from '../../../adapters/local/http-server.ts';
import type { GatewayResult } from '../../../adapters/local/http-event.ts';
import type { ProblemCode } from '../../../api/problems.ts';
import { problemOf } from '../../../api/problems.ts';

export function createEventsEndpoint(handler: EventsHandler): GatewayHandler {
  return async (event, context) => {
    const { method, path } = event.requestContext.http;
    if (method !== 'POST')
      return refused('method_not_allowed', `${path} takes POST, with an event as EventBridge delivers it`);
    const text = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString('utf8');
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch (error) {
      return refused(
        'malformed_json',
        `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    try {
      return {
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(await handler(message, context)),
      };
    } catch (error) {
      if (error instanceof z.ZodError)
        return refused('invalid_request', `this is no event that AWS sends here: ${z.prettifyError(error)}`);
      // The handler has logged it, as on AWS, where EventBridge would deliver the event again.
      return refused(
        'internal',
        `the event was not handled: ${error instanceof Error ? error.message : String(error)}; send it again`,
      );
    }
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
