// Uploads for a task: packed, and sent where the server says, unless they are there already.
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { CliError, exits } from '../../errors.ts';
import { plural } from '../../text.ts';

interface UploadInput {
  readonly upload: string;
  readonly path: string;
  readonly unpack: true;
}

/** The inputs by which a task has them in its working directory. @throws CliError */
export async function upload(context: Context, paths: readonly string[]): Promise<readonly UploadInput[]> {
  const { packInto } = await import('./pack.ts');
  const folder = await mkdtemp(join(tmpdir(), 'bellows-upload-'));
  try {
    const inputs: UploadInput[] = [];
    for (const path of paths) {
      const file = join(folder, 'packed');
      const { sha256, bytes, files, leftOut } = await packInto(file, path);
      for (const one of leftOut.slice(0, 10)) context.say(`left out of ${path}: ${one}, which is no file`);
      const { place } = await context.client.call('createUpload', { body: { sha256, bytes } });
      if (place !== null) await send(context, path, file, place);
      if (!context.isJson)
        context.say(
          `${path}: ${plural(files, 'file')}, ${String(Math.ceil(bytes / 1024))} KiB packed`
            + (place === null ? ', there already' : ''),
        );
      inputs.push({ upload: sha256, path: '.', unpack: true });
    }
    return inputs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function send(context: Context, path: string, file: string, { url, headers }: Place): Promise<void> {
  // A blob says its own length.
  const { 'content-length': _length, ...others } = headers;
  let status: number;
  try {
    const address = url.startsWith('/') ? `${context.client.server}${url}` : url;
    const response = await fetch(address, { method: 'PUT', headers: others, body: await openAsBlob(file) });
    await response.body?.cancel();
    status = response.status;
  } catch (error) {
    throw new CliError(exits.unreachable, `the upload of ${path} got no answer`, 'try again', { cause: error });
  }
  if (status >= 300)
    throw new CliError(exits.failed, `the upload of ${path} was refused (HTTP ${String(status)})`, 'try again');
}
