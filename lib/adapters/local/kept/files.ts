// Uploads and artifacts as files of the server, behind addresses that it signs itself: what S3's presigned URLs are on
// AWS. Bytes are streamed, so their size is no matter of memory.
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ProblemCode } from '../../../api/problems.ts';
import { problemOf } from '../../../api/problems.ts';
import type { FileContent } from '../../../core/access/files.ts';
import type { Files, UploadPlace } from '../../../ports/access/files.ts';
import { codeOf } from '../plain-file.ts';

/** Where the addresses lead. */
export const filesPath = '/files/v1/';

const expiresMs = 3_600_000;

export interface LocalFilesOptions {
  readonly dir: string;
  /** Nobody else knows it. */
  readonly secret: string;
  readonly nowMs: () => number;
}

type Access = 'GET' | 'PUT';

export class LocalFiles implements Files {
  readonly #options: LocalFilesOptions;

  constructor(options: LocalFilesOptions) {
    this.#options = options;
  }

  async uploadTo(key: string, { sha256, bytes }: FileContent): Promise<UploadPlace> {
    const url = this.#addressOf('PUT', key, { sha256, bytes: String(bytes) });
    return { url, headers: { 'content-length': String(bytes) } };
  }

  async downloadFrom(key: string): Promise<string> {
    return this.#addressOf('GET', key, {});
  }

  async read(key: string): Promise<string | null> {
    try {
      return await readFile(this.#fileOf(key), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async write(key: string, text: string): Promise<void> {
    const file = this.#fileOf(key);
    await mkdir(dirname(file), { recursive: true });
    const aside = `${file}.${randomUUID()}.new`;
    await writeFile(aside, text);
    await rename(aside, file);
  }

  async look(key: string): Promise<{ readonly bytes: number; readonly writtenAtMs: number } | null> {
    try {
      const { size, mtimeMs } = await stat(this.#fileOf(key));
      return { bytes: size, writtenAtMs: mtimeMs };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** Deletes what was not written since then. */
  async prune(olderThanMs: number): Promise<void> {
    const { dir } = this.#options;
    let all: readonly string[];
    try {
      all = await readdir(dir, { recursive: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    for (const name of all) {
      const file = join(dir, name);
      const about = await stat(file);
      if (about.isFile() && about.mtimeMs < olderThanMs) await rm(file, { force: true });
    }
  }

  /** Answers a call of an address. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://files.invalid');
    const { method } = request;
    if (method !== 'GET' && method !== 'PUT')
      return refuse(request, response, 'method_not_allowed', 'an address is for GET or for PUT');
    const key = decodeURIComponent(url.pathname.slice(filesPath.length));
    const { mac = '', ...signed } = Object.fromEntries(url.searchParams);
    if (!this.#isOurs(method, key, signed, mac))
      return refuse(request, response, 'forbidden', 'the address is not signed by this server, or was changed');
    if (Number(signed['until']) < this.#options.nowMs())
      return refuse(request, response, 'forbidden', 'the address has expired; ask for another');
    if (method === 'GET') return this.#send(request, response, this.#fileOf(key));
    await this.#take(request, response, this.#fileOf(key), {
      sha256: signed['sha256'] ?? '',
      bytes: Number(signed['bytes']),
    });
  }

  async #send(request: IncomingMessage, response: ServerResponse, file: string): Promise<void> {
    try {
      const { size } = await stat(file);
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': size,
        'x-content-type-options': 'nosniff',
      });
      await pipeline(createReadStream(file), response);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || response.headersSent) throw error;
      refuse(request, response, 'not_found', 'the file is not there (any more)');
    }
  }

  async #take(
    request: IncomingMessage,
    response: ServerResponse,
    file: string,
    { sha256, bytes }: FileContent,
  ): Promise<void> {
    if (Number(request.headers['content-length']) !== bytes)
      return refuse(request, response, 'invalid_request', `the content-length is not ${String(bytes)}`);
    await mkdir(dirname(file), { recursive: true });
    const aside = `${file}.${randomUUID()}.new`;
    const hash = createHash('sha256');
    try {
      await pipeline(
        request,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(aside),
      );
      if (hash.digest('hex') !== sha256)
        return refuse(request, response, 'invalid_request', 'what came does not have the SHA-256 that was announced');
      // In place at once, so that nobody meets half of it.
      await rename(aside, file);
      response.writeHead(200).end();
    } finally {
      await rm(aside, { force: true });
    }
  }

  /** Of keys that this server made, since it signs no others. */
  #fileOf(key: string): string {
    return join(this.#options.dir, key);
  }

  #addressOf(access: Access, key: string, about: Readonly<Record<string, string>>): string {
    const signed = { ...about, until: String(this.#options.nowMs() + expiresMs) };
    const query = new URLSearchParams({ ...signed, mac: this.#macOf(access, key, signed) });
    return `${filesPath}${key}?${query.toString()}`;
  }

  #isOurs(access: Access, key: string, signed: Readonly<Record<string, string>>, mac: string): boolean {
    const [given, wanted] = [Buffer.from(mac), Buffer.from(this.#macOf(access, key, signed))];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  #macOf(access: Access, key: string, signed: Readonly<Record<string, string>>): string {
    const text = JSON.stringify([access, key, Object.entries(signed).sort()]);
    return createHmac('sha256', `files of ${this.#options.secret}`).update(text).digest('hex');
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, code: ProblemCode, detail: string): void {
  const problem = problemOf(code, detail);
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify(problem));
  request.resume();
}
