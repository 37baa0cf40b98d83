// Files that the API gives an address of: fetched, and compared with what was announced.
import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { CliError, exits } from '../errors.ts';

/** Its bytes as they come. `what`: for people. @throws CliError, behind the last byte where it is another content */
export async function* download(
  context: Context,
  what: string,
  { url, sha256 }: { readonly url: string; readonly sha256: string },
): AsyncGenerator<Uint8Array> {
  const response = await fetch(url.startsWith('/') ? `${context.client.server}${url}` : url);
  if (!response.ok || response.body === null)
    throw new CliError(exits.failed, `${what} could not be fetched (HTTP ${String(response.status)})`);
  const hash = createHash('sha256');
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) throw new CliError(exits.failed, `${what} came with another content; try again`);
}
