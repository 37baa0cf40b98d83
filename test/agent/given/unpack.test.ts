// Archives from anybody: what would lead out of the folder, or fill the disk, ends with a sentence.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { unpack } from '../../../agent/tasks/given/unpack.ts';
import type { UnpackBounds } from '../../../agent/tasks/given/unpack.ts';

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-unpack-'));
  target = join(folder, 'target');
  mkdirSync(target);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Entry {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  readonly linkpath?: string;
  readonly text?: string;
  readonly mode?: number;
}

/** Byte for byte, whatever no packer would write. */
function archive(...entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = 'File', linkpath = '', text = '', mode = 0o644 }) => {
    const header = Buffer.alloc(512);
    const size = Buffer.byteLength(text);
    new Header({ path, type, linkpath, mode, size, uid: 0, gid: 0, mtime: new Date(0), devmaj: 1, devmin: 3 }).encode(
      header,
      0,
    );
    const body = Buffer.alloc(Math.ceil(size / 512) * 512);
    body.write(text);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}

const put = (bytes: Buffer, bounds?: UnpackBounds): Promise<void> =>
  unpack(Readable.from([bytes]), target, new AbortController().signal, bounds);

describe('is refused', () => {
  test.each<[string, readonly Entry[]]>([
    ['it has the path "../out", which leads out', [{ path: '../out', text: 'x' }]],
    ['it has the path "a/../../out", which leads out', [{ path: 'a/../../out', text: 'x' }]],
    ['it has the path "/tmp/bellows-out", which leads out', [{ path: '/tmp/bellows-out', text: 'x' }]],
    ['its link l leads out of its folder, to /etc', [{ path: 'l', type: 'SymbolicLink', linkpath: '/etc' }]],
    [
      'its link a/l leads out of its folder, to ../../etc',
      [{ path: 'a/l', type: 'SymbolicLink', linkpath: '../../etc' }],
    ],
    [
      'h is a hard link',
      [
        { path: 'f', text: 'x' },
        { path: 'h', type: 'Link', linkpath: 'f' },
      ],
    ],
    ['d is no file, folder or link, but a CharacterDevice', [{ path: 'd', type: 'CharacterDevice' }]],
    ['p is no file, folder or link, but a FIFO', [{ path: 'p', type: 'FIFO' }]],
  ])('%s', async (message, entries) => {
    await expect(put(archive(...entries))).rejects.toThrow(message);
    expect([existsSync(join(folder, 'out')), existsSync('/tmp/bellows-out')]).toEqual([false, false]);
  });

  test('a file behind a link of the archive, also where the links together lead out', async () => {
    const entries: readonly Entry[] = [
      { path: 'd', type: 'Directory', mode: 0o755 },
      { path: 'd/s', type: 'SymbolicLink', linkpath: '..' },
      { path: 't', type: 'SymbolicLink', linkpath: 'd/s/..' },
      { path: 't/out', text: 'x' },
    ];
    await expect(put(archive(...entries))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['target']);
  });

  test('what is too large or too many when it is unpacked, before it is on the disk', async () => {
    const bomb = gzipSync(archive({ path: 'zeros', text: '\0'.repeat(5_000_000) }));
    await expect(put(bomb, { bytesMax: 1_000_000, entriesMax: 10 })).rejects.toThrow('more than 1000000 bytes when it');
    expect(lstatSync(join(target, 'zeros'), { throwIfNoEntry: false })?.size ?? 0).toBeLessThan(1_100_000);
    const many = archive(...Array.from({ length: 11 }, (_, n) => ({ path: `f${String(n)}` })));
    await expect(put(many, { bytesMax: 1_000_000, entriesMax: 10 })).rejects.toThrow('it has more than 10 entries');
  });

  test.each<[string, Buffer]>([
    ['it is a zip archive', Buffer.from('PK\u0003\u0004 and more', 'latin1')],
    ['it is a xz archive', Buffer.from('fd377a585a0000', 'hex')],
    ['it is empty', Buffer.alloc(0)],
    ['it cannot be decompressed', gzipSync(archive({ path: 'f', text: 'x'.repeat(9_000) })).subarray(0, 60)],
    ['TAR_', Buffer.from('this is a page that says that the archive is elsewhere'.repeat(30))],
  ])('%s', async (message, bytes) => {
    await expect(put(bytes)).rejects.toThrow(message);
  });
});

test('an archive of another program is unpacked, nothing of it privileged or of another owner', async () => {
  const from = join(folder, 'from');
  mkdirSync(join(from, 'deep', 'er'), { recursive: true });
  writeFileSync(join(from, 'deep', 'er', 'file'), 'text', { mode: 0o600 });
  execFileSync('chmod', ['6755', join(from, 'deep', 'er', 'file')]);
  for (const options of [['-cf'], ['-czf']]) {
    execFileSync('tar', [...options, join(folder, 'x.tar'), '--owner=12345', '--group=12345', '-C', from, 'deep']);
    await put(readFileSync(join(folder, 'x.tar')));
    const { mode, uid } = lstatSync(join(target, 'deep', 'er', 'file'));
    expect([mode & 0o7777, uid]).toEqual([0o755, process.getuid?.()]);
  }
});

test('stops when it is aborted', async () => {
  const abort = new AbortController();
  const endless = async function* (): AsyncGenerator<Buffer> {
    for (let n = 0; ; n += 1) {
      yield archive({ path: `f${String(n)}`, text: 'x' }).subarray(0, 1_024);
      if (n === 20) abort.abort();
    }
  };
  await expect(unpack(Readable.from(endless()), target, abort.signal)).rejects.toThrow();
});
