// The HTTP API as a Lambda handler: the route table, its operations, and who may call them.
import { limits } from '../../lib/api/limits.ts';
import { ProblemError } from '../../lib/api/problems.ts';
import { routes } from '../../lib/api/routes.ts';
import type { ApplicationUseCases } from '../../lib/control/use-cases.ts';
import type { Caller, IdentifyCaller, Permission } from '../../lib/ports/access/identity.ts';
import type { Files } from '../../lib/ports/access/files.ts';
import type { Log } from '../../lib/ports/log.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createHttpHandler } from '../http/handler.ts';
import { createOperations } from './operations.ts';
import type { Unavailable } from './contract.ts';

export interface ApiOptions {
  readonly useCases: ApplicationUseCases;
  readonly files: Files;
  readonly clock: { nowMs(): number };
  readonly identity: IdentifyCaller;
  readonly log: Log;
  /**
   * Fields of a task that this installation cannot serve now, each with the reason; answered with 422. Asked
   * when a task has an image.
   */
  readonly unavailable?: () => Promise<Unavailable>;
}

export function createApiHandler({ unavailable = async () => ({}), ...options }: ApiOptions): HttpHandler {
  const { identity, log } = options;
  return createHttpHandler<Caller>({
    routes,
    operations: createOperations({ ...options, unavailable }),
    bodyBytesMax: limits.bodyBytes,
    log,
    authorize: async (route, event) => {
      const caller = await identity({ headers: event.headers, requestContext: event.requestContext });
      if (caller === null)
        throw new ProblemError(
          'unauthorized',
          'the caller is not known; sign the call with credentials that this installation accepts',
        );
      if (!caller.permissions.has(route.permission as Permission)) {
        throw new ProblemError(
          'forbidden',
          `${route.method} ${route.path} needs the permission ${route.permission}, which this caller does not have`,
        );
      }
      return caller;
    },
  });
}
