// The few calls of AWS that deploy a stack on a local cloud. Local clouds read the account from the credential and
// verify no signature, so what is sent is the form of a signed call; nothing here is meant for AWS itself.
import { BellowsError } from '../../core/values/errors.ts';

export class LocalAwsError extends BellowsError {
  constructor(what: string, status: number, text: string) {
    super('local_cloud_refused', `the local cloud refused ${what} with ${String(status)}: ${text.slice(0, 1_000)}`);
  }
}

export interface LocalAwsOptions {
  readonly endpoint: string;
  /** 12 digits: an account of its own. */
  readonly accountId: string;
  readonly region: string;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The header of a signed call, as far as a local cloud looks at it. */
export function credentialHeader(accessKeyId: string, region: string, service: string): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return (
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${day}/${region}/${service}/aws4_request, `
    + `SignedHeaders=host, Signature=${'0'.repeat(64)}`
  );
}

export class LocalAws {
  readonly #options: LocalAwsOptions;

  constructor(options: LocalAwsOptions) {
    this.#options = options;
  }

  /** Query protocol (CloudFormation, STS, SQS); answers the XML. */
  async query(
    service: string,
    version: string,
    action: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<string> {
    return this.#send(
      service,
      '/',
      { 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams({ Action: action, Version: version, ...parameters }).toString(),
      `${service} ${action}`,
    );
  }

  /** JSON protocol (EventBridge, SQS, DynamoDB). */
  async json(
    service: string,
    target: string,
    body: object,
    jsonVersion = '1.1',
  ): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(
      await this.#send(
        service,
        '/',
        { 'content-type': `application/x-amz-json-${jsonVersion}`, 'x-amz-target': target },
        JSON.stringify(body),
        target,
      ),
    ) as Record<string, unknown>;
  }

  objectUrl(bucket: string, key: string): string {
    return new URL(`/${bucket}/${key}`, this.#options.endpoint).href;
  }

  async putObject(bucket: string, key: string, body: Uint8Array): Promise<void> {
    await this.#send('s3', `/${bucket}/${key}`, {}, body, `the object ${bucket}/${key}`, 'PUT');
  }

  /** Asynchronously, as EventBridge does. */
  async invokeLater(functionName: string, event: object): Promise<void> {
    await this.#send(
      'lambda',
      `/2015-03-31/functions/${functionName}/invocations`,
      { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' },
      JSON.stringify(event),
      `an event for ${functionName}`,
    );
  }

  async createBucket(bucket: string): Promise<void> {
    await this.#send('s3', `/${bucket}`, {}, '', `the bucket ${bucket}`, 'PUT');
  }

  /** Credentials of a session of the role, as EC2 gives them to the instance of that name. */
  async assumeRole(roleArn: string, sessionName: string): Promise<SessionCredentials> {
    const xml = await this.query('sts', '2011-06-15', 'AssumeRole', {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      DurationSeconds: '43200',
    });
    return {
      accessKeyId: tag(xml, 'AccessKeyId'),
      secretAccessKey: tag(xml, 'SecretAccessKey'),
      sessionToken: tag(xml, 'SessionToken'),
    };
  }

  async #send(
    service: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Uint8Array,
    what: string,
    method = 'POST',
  ): Promise<string> {
    const { endpoint, accountId, region } = this.#options;
    const response = await fetch(new URL(path, endpoint), {
      method,
      headers: { ...headers, authorization: credentialHeader(accountId, region, service) },
      body: typeof body === 'string' ? body : Buffer.from(body),
      signal: AbortSignal.timeout(120_000),
    });
    const text = await response.text();
    if (!response.ok) throw new LocalAwsError(what, response.status, text);
    return text;
  }
}

/** The text of the first element of that name. @throws LocalAwsError */
export function tag(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) throw new LocalAwsError(`an answer with ${name}`, 200, xml);
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
