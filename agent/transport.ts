// How the agent talks: syncs and outputs over HTTP, each with a time limit of its own.
import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import {
  agentPaths,
  bellReply,
  inputsPath,
  inputsReply,
  artifactsPath,
  credentialsPath,
  credentialsReply,
  loginPath,
  loginReply,
  placesReply,
  secretsPath,
  secretsReply,
  syncReply,
} from '../lib/api/schemas/agent-protocol.ts';
import type { OutputUpload } from '../lib/api/schemas/agent-protocol.ts';
import type { GivenLogin } from '../lib/core/access/images.ts';
import type { RoleCredentials } from '../lib/core/access/roles.ts';
import { shownUrl } from '../lib/core/access/files.ts';
import type { ArtifactList, GivenInput } from '../lib/core/access/files.ts';
import { BellowsError } from '../lib/core/values/errors.ts';
import type { GivenSecret, SyncReply, SyncRequest } from '../lib/core/records/sync.ts';

export class TransportError extends BellowsError {
  /** Trying again would not help: the server understood and refused. */
  readonly isFinal: boolean;
  /** null: there was no answer. */
  readonly status: number | null;
  constructor(message: string, isFinal: boolean, options: ErrorOptions & { readonly status?: number } = {}) {
    super('agent_transport', message, options);
    this.isFinal = isFinal;
    this.status = options.status ?? null;
  }
}

export interface Transport {
  /** @throws TransportError */
  sync(request: SyncRequest, timeoutMs: number): Promise<SyncReply>;
  /** @throws TransportError */
  upload(url: string, output: OutputUpload, timeoutMs: number): Promise<void>;
  /** The secrets of an attempt that starts. @throws TransportError */
  secrets(attemptId: string, timeoutMs: number): Promise<readonly GivenSecret[]>;
  /** Where the inputs of an attempt that starts are. @throws TransportError */
  inputs(attemptId: string, timeoutMs: number): Promise<readonly GivenInput[]>;
  /** What an address of these answers, as it comes. @throws TransportError; anything when aborted */
  download(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Of the role of an attempt that runs. @throws TransportError */
  credentials(attemptId: string, timeoutMs: number): Promise<RoleCredentials>;
  /** Of the registry of an attempt's image. @throws TransportError */
  imageLogin(attemptId: string, timeoutMs: number): Promise<GivenLogin>;
  /** Where each of the files is sent. @throws TransportError */
  offerArtifacts(attemptId: string, list: ArtifactList, timeoutMs: number): Promise<readonly FilePlace[]>;
  /** They are all sent. @throws TransportError */
  keepArtifacts(attemptId: string, list: ArtifactList, timeoutMs: number): Promise<void>;
  /** @throws TransportError; anything when aborted */
  putFile(place: FilePlace, body: Readable | null, signal: AbortSignal): Promise<void>;
  /** Waits at the bell for so long; true: it rang. @throws TransportError; anything when `stopping` is aborted */
  listen(address: string, waitMs: number, stopping: AbortSignal): Promise<boolean>;
}

export interface FilePlace {
  /** A path is one of the controller. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a queue of SQS is called, which is the bell of a node on AWS. */
export interface QueueAccess {
  /** Headers that prove who calls, for a body of SQS's JSON protocol. */
  readonly sign: SignCall;
  /** Instead of the host of the queue's own URL, e.g. one with IPv6 addresses. */
  readonly host?: string;
}

/**
 * Headers that prove who calls, e.g. a signature of AWS; asked for every call to the controller,
 * never for other hosts.
 */
export type SignCall = (call: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<Readonly<Record<string, string>>>;

export class HttpTransport implements Transport {
  readonly #serverUrl: () => string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #sign: SignCall | null;
  readonly #queues: QueueAccess | null;

  /**
   * `serverUrl` is asked for every call: a controller that comes back may listen elsewhere. `queues`: null where bells
   * are the controller's own.
   */
  constructor(
    serverUrl: () => string,
    headers: Readonly<Record<string, string>>,
    sign: SignCall | null = null,
    queues: QueueAccess | null = null,
  ) {
    this.#sign = sign;
    this.#queues = queues;
    this.#serverUrl = serverUrl;
    this.#headers = headers;
  }

  async sync(request: SyncRequest, timeoutMs: number): Promise<SyncReply> {
    const response = await this.#send('POST', urlAt(this.#serverUrl(), agentPaths.sync), request, timeoutMs);
    return parsed(syncReply, await bodyOf(response), 'the answer to a sync');
  }

  async upload(url: string, output: OutputUpload, timeoutMs: number): Promise<void> {
    // Absolute when presigned, a path of the controller otherwise.
    const response = await this.#send('PUT', urlAt(this.#serverUrl(), url), output, timeoutMs);
    await response.body?.cancel();
  }

  async secrets(attemptId: string, timeoutMs: number): Promise<readonly GivenSecret[]> {
    const url = urlAt(this.#serverUrl(), secretsPath(attemptId));
    const reply = secretsReply.safeParse(await bodyOf(await this.#send('POST', url, undefined, timeoutMs)));
    // What is wrong with it is not told: the telling could repeat it.
    if (!reply.success) throw new TransportError('the answer with the secrets is not one', false);
    return reply.data.secrets;
  }

  async inputs(attemptId: string, timeoutMs: number): Promise<readonly GivenInput[]> {
    const url = urlAt(this.#serverUrl(), inputsPath(attemptId));
    const reply = inputsReply.safeParse(await bodyOf(await this.#send('POST', url, undefined, timeoutMs)));
    if (!reply.success) throw new TransportError('the answer with the inputs is not one', false);
    return reply.data.inputs;
  }

  async credentials(attemptId: string, timeoutMs: number): Promise<RoleCredentials> {
    const url = urlAt(this.#serverUrl(), credentialsPath(attemptId));
    const reply = credentialsReply.safeParse(await bodyOf(await this.#send('POST', url, undefined, timeoutMs)));
    // What is wrong with it is not told: the telling could repeat it.
    if (!reply.success) throw new TransportError('the answer with the credentials is not one', false);
    return reply.data;
  }

  async imageLogin(attemptId: string, timeoutMs: number): Promise<GivenLogin> {
    const url = urlAt(this.#serverUrl(), loginPath(attemptId));
    const reply = loginReply.safeParse(await bodyOf(await this.#send('POST', url, undefined, timeoutMs)));
    // What is wrong with it is not told: the telling could repeat it.
    if (!reply.success) throw new TransportError('the answer with the login is not one', false);
    return reply.data;
  }

  async offerArtifacts(attemptId: string, list: ArtifactList, timeoutMs: number): Promise<readonly FilePlace[]> {
    const url = urlAt(this.#serverUrl(), artifactsPath(attemptId));
    const reply = placesReply.safeParse(await bodyOf(await this.#send('POST', url, list, timeoutMs)));
    if (!reply.success) throw new TransportError('the answer with the places of artifacts is not one', false);
    return reply.data.places;
  }

  async keepArtifacts(attemptId: string, list: ArtifactList, timeoutMs: number): Promise<void> {
    const url = urlAt(this.#serverUrl(), artifactsPath(attemptId));
    await (await this.#send('PUT', url, list, timeoutMs)).body?.cancel();
  }

  /** Its length is among the headers: a presigned address takes no other, and no chunks. */
  async putFile({ url: address, headers }: FilePlace, body: Readable | null, signal: AbortSignal): Promise<void> {
    const url = urlAt(this.#serverUrl(), address);
    let status: number;
    try {
      status = await putStream(url, headers, body, AbortSignal.any([signal, AbortSignal.timeout(downloadMsMax)]));
    } catch (error) {
      signal.throwIfAborted();
      throw new TransportError(`PUT ${nameOf(url)} got no answer: ${causeOf(error)}`, false, { cause: error });
    }
    if (status >= 300) throw new TransportError(`PUT ${nameOf(url)} answered ${String(status)}`, isRefusal(status));
  }

  /** The controller's word is taken for the first address; whoever answers there leads to others by https only. */
  async download(address: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    let url = urlAt(this.#serverUrl(), address);
    for (let hops = 0; hops <= redirectsMax; hops += 1) {
      const response = await this.#get(url, signal);
      if (response.status < 300) return response.body ?? noBytes();
      const to = URL.parse(response.headers.get('location') ?? '', url.href);
      if (to?.protocol !== 'https:')
        throw new TransportError(
          `GET ${nameOf(url)} leads to ${to === null ? 'no address' : nameOf(to)}, and only https is followed`,
          true,
        );
      await response.body?.cancel();
      url = to;
    }
    throw new TransportError(
      `GET ${nameOf(urlAt(this.#serverUrl(), address))} leads from one address to the next`,
      true,
    );
  }

  /** Without a word of who asks: also the controller gives files to whoever has their address. */
  async #get(url: URL, signal: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      const signals = AbortSignal.any([signal, AbortSignal.timeout(downloadMsMax)]);
      response = await fetch(url, { redirect: 'manual', signal: signals });
    } catch (error) {
      signal.throwIfAborted();
      throw new TransportError(`GET ${nameOf(url)} got no answer: ${causeOf(error)}`, false, { cause: error });
    }
    const { status } = response;
    if (status < 400) return response;
    await response.body?.cancel();
    throw new TransportError(`GET ${nameOf(url)} answered ${String(status)}`, isRefusal(status), { status });
  }

  async listen(address: string, waitMs: number, stopping: AbortSignal): Promise<boolean> {
    const timeoutMs = waitMs + answerMsMax;
    if (!address.startsWith('/')) return this.#receive(new URL(address), waitMs, timeoutMs, stopping);
    const url = urlAt(this.#serverUrl(), address);
    url.searchParams.set('waitMs', String(waitMs));
    const response = await this.#send('GET', url, undefined, timeoutMs, stopping);
    return parsed(bellReply, await bodyOf(response), 'the answer of the bell').isRung;
  }

  /**
   * A message is not deleted: the queue forgets it before it would be seen again (see sqs-bells.ts of the adapters).
   */
  async #receive(queue: URL, waitMs: number, timeoutMs: number, stopping: AbortSignal): Promise<boolean> {
    if (this.#queues === null)
      throw new TransportError(`the bell ${nameOf(queue)} is a queue, and this agent has no way to call one`, true);
    const url = new URL('/', queue);
    if (this.#queues.host !== undefined) url.host = this.#queues.host;
    const text = JSON.stringify({
      QueueUrl: queue.href,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: Math.round(waitMs / 1_000),
    });
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
    const signed = await this.#queues.sign({ method: 'POST', url, headers, body: text });
    const response = await this.#fetch('POST', url, signed, text, timeoutMs, stopping);
    return (parsed(receivedMessages, await bodyOf(response), 'the answer of the queue').Messages ?? []).length > 0;
  }

  async #send(method: string, url: URL, body: unknown, timeoutMs: number, stopping?: AbortSignal): Promise<Response> {
    const text = body === undefined ? '' : JSON.stringify(body);
    return this.#fetch(method, url, await this.#headersFor(method, url, text), text, timeoutMs, stopping);
  }

  async #fetch(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    text: string,
    timeoutMs: number,
    stopping?: AbortSignal,
  ): Promise<Response> {
    let response: Response;
    try {
      const signals = [AbortSignal.timeout(timeoutMs), ...(stopping === undefined ? [] : [stopping])];
      response = await fetch(url, {
        method,
        headers,
        ...(text === '' ? {} : { body: text }),
        signal: AbortSignal.any(signals),
      });
    } catch (error) {
      throw new TransportError(`${method} ${nameOf(url)} got no answer: ${causeOf(error)}`, false, { cause: error });
    }
    if (response.ok) return response;
    const answer = await response.text().catch((error: unknown) => `(no body: ${causeOf(error)})`);
    throw new TransportError(
      `${method} ${nameOf(url)} answered ${String(response.status)}: `
        + `${this.#isOwn(url) ? ownWords(answer) : codeOf(answer)}`,
      isRefusal(response.status),
      { status: response.status },
    );
  }

  #isOwn(url: URL): boolean {
    return url.origin === new URL(this.#serverUrl()).origin;
  }

  async #headersFor(method: string, url: URL, body: string): Promise<Readonly<Record<string, string>>> {
    const headers = { 'content-type': 'application/json' };
    // A presigned URL of another host carries its own proof, refuses a second one, and must not learn who we are.
    if (!this.#isOwn(url)) return headers;
    return this.#sign === null ? { ...headers, ...this.#headers } : this.#sign({ method, url, headers, body });
  }
}

async function putStream(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Readable | null,
  signal: AbortSignal,
): Promise<number> {
  const request = (url.protocol === 'https:' ? https : http).request(url, { method: 'PUT', headers, signal });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  // Where it is refused before all was sent, the answer counts.
  if (body === null) request.end();
  else pipeline(body, request).catch(() => {});
  const [response] = await answered;
  response.resume();
  return response.statusCode ?? 0;
}

const redirectsMax = 5;
/** From connecting to the last byte. */
const downloadMsMax = 1_800_000;

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** The server understood: trying again would not help. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}

/** Beside the time that a bell is waited for. */
const answerMsMax = 5_000;

/** SQS's answer; only whether there is a message counts. */
const receivedMessages = z.object({ Messages: z.array(z.looseObject({})).nullish() });

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new TransportError('an answer was cut off or is no JSON', false, { cause: error });
  }
}

function parsed<S extends z.ZodType>(schema: S, body: unknown, what: string): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new TransportError(`${what} is not one: ${z.prettifyError(result.error)}`, false);
}

/** Texts of errors go to logs and timelines: a presigned URL's query is a key to what it names. */
function nameOf(url: URL): string {
  return shownUrl(url.href);
}

/** Of our own controller's refusal: its sentence. */
function ownWords(answer: string): string {
  const detail = /"detail":("(?:[^"\\]|\\.)*")/.exec(answer)?.[1];
  return (detail === undefined ? answer : String(JSON.parse(detail))).slice(0, 500);
}

/** Of S3's refusal; the rest of it repeats the key id and the signature. */
function codeOf(answer: string): string {
  const parts = ['Code', 'Message'].flatMap(
    (name) => new RegExp(`<${name}>([^<]{1,200})</${name}>`).exec(answer)?.[1] ?? [],
  );
  return parts.length === 0
    ? '(an answer that is not repeated here)'
    : parts.join(': ').replace(/X-Amz-[^\s"'&]*/g, 'X-Amz-…');
}

/** A path is one below the controller's own URL, which may end with the stage of an API. */
function urlAt(serverUrl: string, urlOrPath: string): URL {
  if (!urlOrPath.startsWith('/')) return new URL(urlOrPath);
  return new URL(`${serverUrl.replace(/\/$/, '')}${urlOrPath}`);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message || error.cause.name})` : error.message;
}
