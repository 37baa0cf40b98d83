// Archives in the place of Node.js where no machine boots from them: local clouds, and templates that are only read.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { architectures } from '../../infra/compute/node-runtime.ts';
import type { Architecture, NodeArchive, NodeArchives } from '../../infra/compute/node-runtime.ts';

/** Equal in every folder. @param program what `bin/node` of each is */
export function standInRuntime(
  folder: string,
  program = '#!/bin/sh\necho "this is a stand-in, not Node.js" >&2\nexit 70\n',
): NodeArchives {
  const archive = (arch: Architecture): NodeArchive => {
    const root = `stand-in-${arch}`;
    mkdirSync(join(folder, root, 'bin'), { recursive: true });
    writeFileSync(join(folder, root, 'bin', 'node'), program);
    chmodSync(join(folder, root, 'bin', 'node'), 0o755);
    const file = join(folder, `${root}.tar.gz`);
    create({ file, cwd: folder, sync: true, gzip: true, portable: true, mtime: new Date(0) }, [root]);
    return { file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
  };
  const [amd64, arm64] = architectures;
  return { amd64: archive(amd64), arm64: archive(arm64) };
}
