// The Node.js that agents run on: Node's own archive for Linux, fetched where the template is synthesized, pinned here
// by its SHA-256, and uploaded unchanged, so that what a node unpacks is what the project was tested with.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** A `.tar.gz` with `bin/node` in one folder, as nodejs.org packs it. */
export interface NodeArchive {
  readonly file: string;
  /** 64 hexadecimal digits; the node checks it before it unpacks anything. */
  readonly sha256: string;
}
export type NodeArchives = Readonly<Record<Architecture, NodeArchive>>;

export interface PinnedRelease {
  readonly version: string;
  readonly sha256: Readonly<Record<Architecture, string>>;
}

/** As `SHASUMS256.txt` of the release says. */
export const pinnedRelease: PinnedRelease = {
  version: '24.21.0',
  sha256: {
    amd64: '6e1db87ef58b8819e5d5402eff1536491b18edd8eb7bee5ef7897876e88dc5ff',
    arm64: '724282c3b43aec998aa9527380465b45d229e021b58035f5f4f63095eabfe5d5',
  },
};

export const officialMirror = 'https://nodejs.org/dist';

/** What is missing or is not what was pinned, with the cure. */
export class NodeRuntimeError extends Error {
  override readonly name = 'NodeRuntimeError';
}

export interface RuntimeOptions {
  readonly release?: PinnedRelease;
  /** Where archives are kept between deployments. */
  readonly cacheDir?: string;
}

/**
 * @param from a mirror of `https://nodejs.org/dist` (http or https), a folder that holds the two archives by their own
 *   names, or archives of your own
 * @throws NodeRuntimeError for what is not there and for every archive that has another SHA-256
 */
export function nodeArchives(
  from: string | NodeArchives = officialMirror,
  { release = pinnedRelease, cacheDir = join(homedir(), '.cache', 'bellows') }: RuntimeOptions = {},
): NodeArchives {
  const archive = (arch: Architecture): NodeArchive => {
    if (typeof from !== 'string') return checked(from[arch], 'give the archive that has the SHA-256 which you give');
    const name = `node-v${release.version}-linux-${arch === 'amd64' ? 'x64' : arch}.tar.gz`;
    const pinned = { file: join(resolve(from), name), sha256: release.sha256[arch] };
    if (!/^https?:/.test(from)) return checked(pinned, `put the one of ${officialMirror}/v${release.version} there`);
    return fetched(`${from.replace(/\/+$/, '')}/v${release.version}/${name}`, {
      ...pinned,
      file: join(cacheDir, name),
    });
  };
  return { amd64: archive('amd64'), arm64: archive('arm64') };
}

function checked(archive: NodeArchive, cure: string): NodeArchive {
  const { file, sha256 } = archive;
  if (!existsSync(file)) throw new NodeRuntimeError(`nodes need Node.js, and ${file} is not there; ${cure}`);
  const found = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (found === sha256) return archive;
  throw new NodeRuntimeError(`${file} has the SHA-256 ${found}, not ${sha256}; ${cure}`);
}

/** In a process of its own: constructs are made synchronously. */
const fetching = `
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
const [url, file] = process.argv.slice(1);
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(600_000) });
  if (!answer.ok) throw new Error('it answers ' + answer.status);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exit(1);
}
`;

/** Only what has the right SHA-256 gets its name in the cache, so two runs at once do not disturb each other. */
function fetched(url: string, archive: NodeArchive): NodeArchive {
  const { file, sha256 } = archive;
  if (existsSync(file)) return checked(archive, 'delete it, and the next run fetches it again');
  mkdirSync(join(file, '..'), { recursive: true });
  const part = `${file}.${String(process.pid)}`;
  try {
    // `HTTPS_PROXY` counts where this Node knows how.
    const flags = ['--use-env-proxy'].filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
    const done = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', fetching, url, part], {
      encoding: 'utf8',
    });
    if (done.status !== 0)
      throw new NodeRuntimeError(
        `nodes need Node.js, and ${url} cannot be fetched: `
          + `${(done.stderr || (done.error?.message ?? `exit ${String(done.status)}`)).trim()}; `
          + 'name a mirror of nodejs.org/dist, or a folder with the archives (-c nodeRuntime=…)',
      );
    checked({ file: part, sha256 }, `${url} is not what Node.js released: use another mirror (-c nodeRuntime=…)`);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  return archive;
}
