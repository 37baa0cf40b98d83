// One signed call of AWS's JSON protocol, sent once: no hidden retries, a deadline for the whole call, and a clear
// line between "AWS answered no" and "no answer". What to repeat is decided above, where write ids are known.
import { request as httpRequest, Agent as HttpAgent } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { BellowsError } from '../../core/values/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { signHeaders } from './signing.ts';
import type { CredentialsProvider } from './signing.ts';

export interface AwsClientOptions {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Default: the service's own in the region. A local cloud has another. */
  readonly endpoint?: string | undefined;
  /** For one call, from connecting to the last byte. */
  readonly timeoutMs?: number | undefined;
}

/** AWS answered, and the answer is an error of its own. */
export class AwsServiceError extends BellowsError {
  /** Without namespace, e.g. `ConditionalCheckFailedException`. */
  readonly awsCode: string;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  constructor(action: string, awsCode: string, status: number, body: Readonly<Record<string, unknown>>) {
    super('aws_refused', `${action} was refused by AWS (${awsCode}, HTTP ${String(status)}): ${messageOf(body)}`);
    this.awsCode = awsCode;
    this.status = status;
    this.body = body;
  }
}

/** No complete answer came within the time: the call may or may not have had its effect. */
export class AwsNoAnswerError extends BellowsError {
  constructor(action: string, cause: unknown) {
    super(
      'aws_no_answer',
      `${action} got no answer from AWS: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface JsonService {
  /** In the host name and in the credential scope, e.g. `dynamodb`. */
  readonly name: string;
  /** e.g. `DynamoDB_20120810` */
  readonly targetPrefix: string;
  readonly jsonVersion: '1.0' | '1.1';
}

/** DynamoDB answers within milliseconds; whoever waits longer waits for a connection that is gone. */
const defaultTimeoutMs = 3_000;
const staleConnectionsMax = 3;

export class AwsJsonClient {
  readonly #service: JsonService;
  readonly #options: AwsClientOptions;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(service: JsonService, options: AwsClientOptions) {
    this.#service = service;
    this.#options = options;
    this.#url = new URL(options.endpoint ?? `https://${service.name}.${options.region}.amazonaws.com`);
    // A TLS handshake costs more than most calls.
    const agent = { keepAlive: true, maxSockets: 50 };
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(agent) : new HttpAgent(agent);
  }

  /** @throws AwsServiceError, AwsNoAnswerError */
  async call(action: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    const { name, targetPrefix, jsonVersion } = this.#service;
    const body = JSON.stringify(input);
    const headers = {
      'content-type': `application/x-amz-json-${jsonVersion}`,
      'x-amz-target': `${targetPrefix}.${action}`,
    };
    const credentials = await this.#options.credentials();
    const scope = { service: name, region: this.#options.region };
    const signed = signHeaders(
      { method: 'POST', url: this.#url, headers, body },
      scope,
      credentials,
      this.#options.clock.nowMs(),
    );
    const answer = await this.#send(action, signed, body);
    const json = parseObject(answer.text);
    if (answer.status === 200 && json !== null) return json;
    if (answer.status === 200) throw new AwsNoAnswerError(action, new Error('the answer was cut off'));
    const type = json?.['__type'] ?? answer.headers['x-amzn-errortype'];
    throw new AwsServiceError(
      action,
      codeOf(type, answer.status),
      answer.status,
      json ?? { message: answer.text.slice(0, 500) },
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(action: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs ?? defaultTimeoutMs);
    for (let sends = 1; ; sends += 1) {
      try {
        return await this.#sendOnce(headers, body, signal);
      } catch (error) {
        // A function that was frozen wakes up with connections that AWS has closed meanwhile. What is sent here
        // is either conditional or a hint, so sending it once more is safe even if the first one arrived.
        if (!(error instanceof StaleConnection) || sends >= staleConnectionsMax)
          throw new AwsNoAnswerError(action, error instanceof StaleConnection ? error.cause : error);
      }
    }
  }

  async #sendOnce(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Answer> {
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = send(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          signal,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(isStale ? new StaleConnection('the connection had been closed', { cause: error }) : error);
      });
      sent.end(body);
    });
  }
}

class StaleConnection extends Error {}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException` and `ThrottlingException:http://…` are both seen. */
function codeOf(type: unknown, status: number): string {
  return typeof type === 'string' ? type.replace(/^.*#/, '').replace(/:.*$/, '') : `Http${String(status)}`;
}

function messageOf(body: Readonly<Record<string, unknown>>): string {
  const message = body['message'] ?? body['Message'];
  return typeof message === 'string' ? message : 'without a message';
}
