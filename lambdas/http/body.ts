// The body of an HTTP event as JSON, or the problem that it is.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ProblemError } from '../../lib/api/problems.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function jsonBodyOf(event: APIGatewayProxyEventV2, bytesMax: number): unknown {
  const { body } = event;
  if (body === undefined || body === '')
    throw new ProblemError('malformed_json', 'a JSON body is needed and none came', [
      { path: '', message: 'is required' },
    ]);
  refuseTooLarge(bytesOf(body, event.isBase64Encoded), bytesMax);
  const contentType = (event.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (contentType !== 'application/json') {
    throw new ProblemError(
      'unsupported_media_type',
      `the body's type is ${contentType === '' ? 'not given' : JSON.stringify(contentType)}; send `
        + 'content-type: application/json',
    );
  }
  const text = event.isBase64Encoded ? decoded(body) : body;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ProblemError('malformed_json', `the body is not JSON: ${why}`, [{ path: '', message: why }]);
  }
}

function bytesOf(body: string, isBase64: boolean): number {
  return Buffer.byteLength(body, isBase64 ? 'base64' : 'utf8');
}

function refuseTooLarge(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax)
    throw new ProblemError(
      'too_large',
      `the body has ${String(bytes)} bytes; at most ${String(bytesMax)} are taken. Send less at once `
        + '(batches can be split).',
    );
}

function decoded(body: string): string {
  try {
    return utf8.decode(Buffer.from(body, 'base64'));
  } catch {
    throw new ProblemError('malformed_json', 'the body is not UTF-8; JSON is sent in UTF-8', [
      { path: '', message: 'is not UTF-8' },
    ]);
  }
}
