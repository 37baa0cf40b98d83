// What all clients of the SDK have in common here: a call is sent once, with one deadline from connecting to the last
// byte, and "AWS refused" is distinguished from "no answer came". What to repeat is decided above, where write ids and
// tokens are known.
import { Agent as HttpAgent } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { BellowsError } from '../../core/values/errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Asked again when the last ones have ended; those without an expiration are kept. */
export type CredentialsProvider = () => Credentials | Promise<Credentials>;

export interface AwsClientOptions {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  /** Default: the service's own in the region, by the SDK's endpoint rules. A local cloud has another. */
  readonly endpoint?: string | undefined;
  /** For one call, from connecting to the last byte. */
  readonly timeoutMs?: number | undefined;
}

/** AWS answered, and the answer is an error of its own. `cause` is the SDK's exception. */
export class AwsServiceError extends BellowsError {
  /** Without namespace, e.g. `ConditionalCheckFailedException`. */
  readonly awsCode: string;
  readonly status: number;
  override readonly cause: Error;
  constructor(action: string, awsCode: string, status: number, cause: Error) {
    super('aws_refused', `${action} was refused by AWS (${awsCode}, HTTP ${String(status)}): ${cause.message}`, {
      cause,
    });
    this.awsCode = awsCode;
    this.status = status;
    this.cause = cause;
  }
}

/** No complete answer came within the time: the call may or may not have had its effect. */
export class AwsNoAnswerError extends BellowsError {
  constructor(action: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super('aws_no_answer', `${action} got no answer from AWS: ${why}`, { cause });
  }
}

/**
 * Configuration of a client whose calls may arrive twice without harm: it keeps connections, see
 * {@link KeptConnections}.
 */
export function keepingConnections(options: AwsClientOptions) {
  return { ...common(options), requestHandler: new KeptConnections() };
}

/**
 * Configuration of a client that connects for each call: calls are rare, functions sleep between them, and a
 * connection that AWS had closed meanwhile would leave the outcome of a launch unknown.
 */
export function connectingAnew(options: AwsClientOptions, requestTimeout: number) {
  const agents = { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } };
  const requestHandler = { connectionTimeout: connectionMsMax, requestTimeout, throwOnRequestTimeout: true, ...agents };
  return { ...common(options), requestHandler };
}

const connectionMsMax = 2_000;

function common({ region, endpoint, credentials }: AwsClientOptions) {
  return {
    region,
    credentials: sdkCredentials(credentials),
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

export function sdkCredentials(credentials: CredentialsProvider): AwsCredentialIdentityProvider {
  return async (): Promise<AwsCredentialIdentity> => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await credentials();
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(expiration === undefined ? {} : { expiration }),
    };
  };
}

const staleConnectionsMax = 3;
/** Errors of requests on a connection that an earlier call had left open. */
const onKeptConnection = new WeakSet<object>();

/** Marks the request's error, for every caller that sees it. */
function mark(request: ClientRequest): void {
  request.once('error', (error) => onKeptConnection.add(error));
}

class MarkingHttpAgent extends HttpAgent {
  override reuseSocket(socket: Socket, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    mark(request);
  }
}

class MarkingHttpsAgent extends HttpsAgent {
  override reuseSocket(socket: Socket, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    mark(request);
  }
}

/**
 * Keeps connections, because a TLS handshake costs more than most calls. A function that was frozen wakes up with
 * connections that AWS has closed meanwhile; what was sent on such a one is sent again.
 */
class KeptConnections extends NodeHttpHandler {
  constructor() {
    const agent = { keepAlive: true, maxSockets: 50 };
    super({ httpAgent: new MarkingHttpAgent(agent), httpsAgent: new MarkingHttpsAgent(agent) });
  }

  override async handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    for (let sends = 1; ; sends += 1) {
      try {
        return await super.handle(...args);
      } catch (error) {
        if (!isStale(error) || sends >= staleConnectionsMax) throw error;
      }
    }
  }
}

function isStale(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return onKeptConnection.has(error) && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** Sends once, with one deadline. @throws AwsServiceError, AwsNoAnswerError */
export async function sendCall<T>(
  action: string,
  timeoutMs: number,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await send({ abortSignal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw callError(action, error);
  }
}

interface SdkError extends Error {
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

/** An error answer that cannot be read is an answer if its status says that the caller is at fault. */
function callError(action: string, error: unknown): Error {
  if (!(error instanceof Error)) return new AwsNoAnswerError(action, error);
  const { $fault, $metadata, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
  if ($fault !== undefined && status > 0) return new AwsServiceError(action, error.name, status, error);
  if (status >= 400 && status < 500) return new AwsServiceError(action, `Http${String(status)}`, status, error);
  return new AwsNoAnswerError(action, error);
}

/**
 * What is loaded at its first use, and then kept. A load that fails is made anew by the next use: else one fault of a
 * disk would last as long as the process.
 */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return async () => {
    const mine = (loaded ??= load());
    try {
      return await mine;
    } catch (error) {
      if (loaded === mine) loaded = null;
      throw error;
    }
  };
}
