// AWS Signature Version 4 for the small JSON and Query clients (json-client.ts, query-client.ts) that
// preflight, conformance and the price list still use; it goes with them. Held to AWS's examples and
// to the SDK by tests.
import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from './sdk.ts';

export type { Credentials, CredentialsProvider } from './sdk.ts';

export interface SigningScope {
  /** The name in the credential scope, e.g. `dynamodb`, `events`, `s3`. */
  readonly service: string;
  readonly region: string;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names; `host` is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const algorithm = 'AWS4-HMAC-SHA256';

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** `20260101T000000Z` */
function amzDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** RFC 3986: what encodeURIComponent leaves but AWS encodes. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort()
    .join('&');
}

/** Every service but S3 encodes what the URL holds already encoded once more. */
function canonicalPath(scope: SigningScope, url: URL): string {
  return scope.service === 's3' ? url.pathname : url.pathname.split('/').map(uriEncode).join('/');
}

interface Signature {
  readonly scope: SigningScope;
  readonly credentials: Credentials;
  readonly date: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyHash: string;
}

function credentialScope(scope: SigningScope, date: string): string {
  return `${date.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`;
}

function signatureOf({ scope, credentials, date, method, url, headers, bodyHash }: Signature): string {
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    canonicalPath(scope, url),
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n');
  const text = [algorithm, date, credentialScope(scope, date), sha256(canonical)].join('\n');
  const key = [date.slice(0, 8), scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey}`,
  );
  return hmac(key, text).toString('hex');
}

/** The headers to send, `authorization` among them. */
export function signHeaders(
  request: UnsignedRequest,
  scope: SigningScope,
  credentials: Credentials,
  nowMs: number,
): Record<string, string> {
  const date = amzDate(nowMs);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-date': date,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  };
  const signature = signatureOf({
    scope,
    credentials,
    date,
    method: request.method,
    url: request.url,
    headers,
    bodyHash: sha256(request.body),
  });
  const authorization =
    `${algorithm} Credential=${credentials.accessKeyId}/${credentialScope(scope, date)}, `
    + `SignedHeaders=${Object.keys(headers).sort().join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

/**
 * A URL that carries its own signature, for whoever is to make exactly this call within `expiresSeconds`. The body
 * is not signed; `headers` are, and must be sent as given.
 */
export function presignUrl(
  request: { readonly method: string; readonly url: URL; readonly headers?: Readonly<Record<string, string>> },
  scope: SigningScope,
  credentials: Credentials,
  nowMs: number,
  expiresSeconds: number,
): URL {
  const date = amzDate(nowMs);
  const url = new URL(request.url);
  const headers = { ...request.headers, host: url.host };
  const query: Record<string, string> = {
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${credentials.accessKeyId}/${credentialScope(scope, date)}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': Object.keys(headers).sort().join(';'),
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signature = signatureOf({
    scope,
    credentials,
    date,
    method: request.method,
    url,
    headers,
    bodyHash: 'UNSIGNED-PAYLOAD',
  });
  // Written out by hand: URLSearchParams would send blanks as `+`, which was not what was signed.
  url.search = `${canonicalQuery(url.searchParams)}&X-Amz-Signature=${signature}`;
  return url;
}
