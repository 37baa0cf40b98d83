// Bells on AWS: a queue per node, at which its agent waits by long polling. A message is a ring and nothing else. The
// queue's own policy lets one session in, that of the node's role on this very instance; the role itself may receive
// from no queue at all. Queues cost nothing while nobody calls them.
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ringWaitMs } from '../../../core/records/sync.ts';
import type { Bells } from '../../../ports/bells.ts';
import { bellsPerList } from '../../../ports/bells.ts';
import { AwsServiceError, keepingConnections, sendCall } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';

export interface SqsBellsOptions extends AwsClientOptions {
  readonly installation: string;
  /** Who waits at bells: the nodes' role, and its unique id. null: this function makes no bells. */
  readonly nodes: { readonly roleArn: string; readonly roleId: string } | null;
}

const defaultTimeoutMs = 2_000;
/** Names of one page of ListQueues, at most. */
const listedAtOnce = 1_000;
/**
 * A message is gone before it would be seen again, so nobody has to delete it: a ring costs one call less. SQS keeps
 * messages for a minute at least, and an older ring is worth nothing.
 */
const attributes = { MessageRetentionPeriod: '60', VisibilityTimeout: '120', SqsManagedSseEnabled: 'true' };
const nodeIdPattern = /^i-[0-9a-f]{8,17}$/;

export class SqsBells implements Bells {
  readonly #options: SqsBellsOptions;
  readonly #client: SQSClient;
  readonly #timeoutMs: number;
  /** URLs of one account and region differ in the queue's name only: one is asked for, once. */
  #base: string | null = null;

  constructor(options: SqsBellsOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.#client = new SQSClient(keepingConnections(options));
  }

  async open(nodeId: string): Promise<string> {
    const QueueName = this.#nameOf(nodeId);
    const Attributes = {
      ...attributes,
      ReceiveMessageWaitTimeSeconds: String(ringWaitMs / 1_000),
      Policy: this.#policyOf(nodeId),
    };
    const create = new CreateQueueCommand({ QueueName, Attributes });
    try {
      const { QueueUrl } = await this.#send('CreateQueue', (sending) => this.#client.send(create, sending));
      return urlOf(QueueUrl, QueueName);
    } catch (error) {
      // The queue exists with other attributes, from an earlier version: it works all the same.
      if (!isCode(error, 'QueueNameExists', 'QueueAlreadyExists')) throw error;
      return this.#urlOf(nodeId);
    }
  }

  async ring(nodeId: string): Promise<void> {
    const QueueUrl = await this.#urlOf(nodeId);
    const command = new SendMessageCommand({ QueueUrl, MessageBody: 'ring' });
    await this.#send('SendMessage', (sending) => this.#client.send(command, sending));
  }

  async list(): Promise<readonly string[]> {
    const prefix = this.#nameOf('i-');
    const nodeIds: string[] = [];
    let token: string | undefined;
    do {
      const command = new ListQueuesCommand({
        QueueNamePrefix: prefix,
        MaxResults: listedAtOnce,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const { QueueUrls = [], NextToken } = await this.#send('ListQueues', (sending) =>
        this.#client.send(command, sending),
      );
      for (const url of QueueUrls) {
        // Another installation may be called `<this one>-i-…`.
        const nodeId = (url.split('/').at(-1) ?? '').slice(this.#nameOf('').length);
        if (nodeIdPattern.test(nodeId)) nodeIds.push(nodeId);
      }
      token = NextToken;
    } while (token !== undefined && nodeIds.length < bellsPerList);
    return nodeIds.slice(0, bellsPerList);
  }

  async close(nodeId: string): Promise<void> {
    try {
      const QueueUrl = await this.#urlOf(nodeId);
      const command = new DeleteQueueCommand({ QueueUrl });
      await this.#send('DeleteQueue', (sending) => this.#client.send(command, sending));
    } catch (error) {
      if (!isCode(error, 'QueueDoesNotExist', 'NonExistentQueue')) throw error;
    }
  }

  async #urlOf(nodeId: string): Promise<string> {
    const QueueName = this.#nameOf(nodeId);
    if (this.#base !== null) return `${this.#base}${QueueName}`;
    const command = new GetQueueUrlCommand({ QueueName });
    const { QueueUrl } = await this.#send('GetQueueUrl', (sending) => this.#client.send(command, sending));
    const url = urlOf(QueueUrl, QueueName);
    this.#base = url.slice(0, url.lastIndexOf('/') + 1);
    return url;
  }

  #send<T>(action: string, call: Parameters<typeof sendCall<T>>[2]): Promise<T> {
    return sendCall(action, this.#timeoutMs, call);
  }

  /** SQS takes 80 characters; an installation's name has 32 at most (lib/infra/props.ts). */
  #nameOf(nodeId: string): string {
    return `bellows-${this.#options.installation}-${nodeId}`;
  }

  #policyOf(nodeId: string): string {
    const { nodes } = this.#options;
    if (nodes === null) throw new RangeError('this function knows no role of nodes, so it cannot make a bell for one');
    return JSON.stringify(bellPolicy(nodes, nodeId));
  }
}

export interface BellPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Principal: { readonly AWS: string };
    readonly Action: string;
    readonly Resource: string;
    readonly Condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
}

/** Who may receive: the session that EC2 names after the instance, of the role with this unique id, and nobody else. */
export function bellPolicy({ roleArn, roleId }: NonNullable<SqsBellsOptions['nodes']>, nodeId: string): BellPolicy {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OwnBell',
        Effect: 'Allow',
        Principal: { AWS: roleArn },
        Action: 'sqs:ReceiveMessage',
        Resource: '*',
        Condition: { StringEquals: { 'aws:userid': `${roleId}:${nodeId}` }, Bool: { 'aws:SecureTransport': 'true' } },
      },
    ],
  };
}

function urlOf(url: string | undefined, name: string): string {
  if (url === undefined) throw new RangeError(`SQS named no URL of the queue ${name}`);
  return url;
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof AwsServiceError && codes.some((code) => error.awsCode.endsWith(code));
}
