// Reads a request's body with a limit that holds while it streams, so that no caller can fill the memory.
import type { IncomingMessage } from 'node:http';
import { BellowsError } from '../../core/values/errors.ts';

export class BodyTooLargeError extends BellowsError {
  constructor(bytesMax: number) {
    super(
      'too_large',
      `the body has more than ${String(bytesMax)} bytes, which is the most that is taken; send less at once`,
    );
  }
}

/** @throws BodyTooLargeError before more than `bytesMax` bytes are kept */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw new BodyTooLargeError(bytesMax);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        chunks.length = 0;
        reject(new BodyTooLargeError(bytesMax));
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.once('error', reject);
    request.once('close', () => {
      reject(new Error('the connection closed before the body ended'));
    });
  });
}
