// Images of private registries: a login is in memory while the image is fetched, shown to its registry alone, told
// nobody, and opens the image for nobody else. The engine is a stand-in for docker's client whose registry asks for it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageKeeper, imageDigestOf, imageIdOf } from '../../../agent/tasks/given/images.ts';
import { TransportError } from '../../../agent/transport.ts';
import type { GivenLogin } from '../../../lib/core/access/images.ts';
import type { AssignedAttempt } from '../../../lib/core/records/sync.ts';
import { attempt } from '../controller.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const password = 'planted-8c1f';
const auth = Buffer.from(`builder:${password}`).toString('base64');
/** Private: what is below `closed.test`. Repeats what it was shown, as no client should. */
const fakeDocker = `#!/bin/sh
echo "$*" >> "$FAKE/calls"
case "$1 $2" in
  'image inspect')
    [ -e "$FAKE/has/$(echo "$4" | tr '/:@' '___')" ] || exit 1
    echo "sha256:id-of-$4 mirror.test/x@sha256:00 \${4%%:[0-9]*}@${digest}"; exit ;;
  'context inspect') echo unix:///run/own.sock; exit ;;
esac
case "$2" in
  closed.test*)
    : > "$FAKE/shown"; cp "$DOCKER_CONFIG/config.json" "$FAKE/shown" 2>/dev/null
    echo "$DOCKER_HOST" > "$FAKE/host"
    grep -q ${auth} "$FAKE/shown" || { echo "denied: $(cat "$FAKE/shown")" >&2; exit 1; } ;;
  gone.test*) echo 'manifest unknown' >&2; exit 1 ;;
esac
mkdir -p "$FAKE/has"; : > "$FAKE/has/$(echo "$2" | tr '/:@' '___')"
`;

const given: GivenLogin = { username: 'builder', password, from: 'the secret ssm:/ci/registry' };
let dir: string;
let memory: string;
let nowMs: number;
let asked: string[];
let answer: () => Promise<GivenLogin>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-images-'));
  memory = mkdtempSync('/dev/shm/bellows-images-');
  [nowMs, asked, answer] = [0, [], async () => given];
  writeFileSync(join(dir, 'docker'), fakeDocker);
  chmodSync(join(dir, 'docker'), 0o755);
});
afterEach(() => {
  for (const folder of [dir, memory]) rmSync(folder, { recursive: true });
});

function keeper(over: { readonly isGuarded?: boolean; readonly root?: string | null } = {}): ImageKeeper {
  return new ImageKeeper({
    stateDir: dir,
    root: memory,
    isGuarded: true,
    ask: (id) => {
      asked.push(id);
      return answer();
    },
    nowMs: () => nowMs,
    retryMs: 1,
    ...over,
  });
}

async function give(of: ImageKeeper, requestId: string, image: string, over: Partial<AssignedAttempt> = {}) {
  const folder = join(dir, `attempt-${requestId}`);
  mkdirSync(folder, { recursive: true });
  const client = { program: join(dir, 'docker'), env: { PATH: '/usr/bin:/bin', FAKE: dir } };
  const { signal } = new AbortController();
  await of.give(attempt(requestId, '', over), image, client, folder, () => {}, signal);
  return { digest: imageDigestOf(folder), id: imageIdOf(folder) };
}
const withLogin = { hasImageLogin: true } as const;
const pulls = (): number =>
  readFileSync(join(dir, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('pull ')).length;

describe('an image with a login', () => {
  test('is fetched with it, from memory; nothing of it is left, and what was fetched is known', async () => {
    expect(await give(keeper(), 'r', 'closed.test/shop:1', withLogin)).toEqual({
      digest,
      id: 'sha256:id-of-closed.test/shop:1',
    });
    expect(JSON.parse(readFileSync(join(dir, 'shown'), 'utf8'))).toEqual({ auths: { 'closed.test': { auth } } });
    expect(readFileSync(join(dir, 'host'), 'utf8')).toBe('unix:///run/own.sock\n');
    rmSync(join(dir, 'shown'));
    expect(readdirSync(join(memory, 'r.0.1'))).toEqual([]);
    const left = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    for (const one of left) {
      if (one.name === 'docker') continue;
      expect(readFileSync(join(one.parentPath, one.name), 'utf8')).not.toMatch(new RegExp(`${password}|${auth}`));
    }
  });

  test('is shown for once by a request within five minutes, and anew by another one', async () => {
    const one = keeper();
    await give(one, 'r', 'closed.test/shop:1', withLogin);
    await give(one, 'r', 'closed.test/shop:1', withLogin);
    expect([asked, pulls()]).toEqual([['r.0.1'], 1]);
    await give(one, 's', 'closed.test/shop:1', withLogin);
    nowMs += 5 * 60_000;
    await give(one, 'r', 'closed.test/shop:1', withLogin);
    expect([asked, pulls()]).toEqual([['r.0.1', 's.0.1', 'r.0.1'], 3]);
  });

  test('is nobody else’s because it is there, also when the agent was restarted; the public ones are', async () => {
    const one = keeper();
    await give(one, 'r', 'closed.test/shop:1', withLogin);
    for (const agent of [one, keeper()])
      await expect(give(agent, 's', 'closed.test/shop:1')).rejects.toThrow('closed.test asks who fetches it');
    await give(one, 's', 'alpine:3');
    await give(one, 't', 'alpine:3');
    expect(pulls()).toBe(4);
    expect(await give(keeper({ isGuarded: false }), 's', 'closed.test/shop:1')).toMatchObject({ digest });
  });

  test('that is refused is told with whose login it was, and without the login', async () => {
    answer = async () => ({ ...given, username: 'other' });
    const failed = await give(keeper(), 'r', 'closed.test/shop:1', withLogin).catch(String);
    expect(failed).toContain('the image closed.test/shop:1 could not be fetched: denied: {"auths"');
    expect(failed).toContain('see that the secret ssm:/ci/registry has a user of closed.test who may fetch it');
    expect(failed).not.toContain(Buffer.from(`other:${password}`).toString('base64'));
    expect(readdirSync(join(memory, 'r.0.1'))).toEqual([]);
    expect(await give(keeper(), 'r', 'gone.test/x:1', withLogin).catch(String)).toMatch(/: manifest unknown$/);
  });

  test('needs a memory file system, and a controller that gives it', async () => {
    const nowhere = give(keeper({ root: null }), 'r', 'closed.test/shop:1', withLogin);
    await expect(nowhere).rejects.toThrow('its image needs a login, and this machine has no memory file system');
    await expect(give(keeper({ root: join(dir, 'disk') }), 'r', 'closed.test/shop:1', withLogin)).rejects.toThrow(
      'is on a disk',
    );
    answer = () => Promise.reject(new TransportError('the secret ssm:/x cannot be read', true));
    asked = [];
    await expect(give(keeper(), 'r', 'closed.test/shop:1', withLogin)).rejects.toThrow(
      'no login for it: the secret ssm:/x cannot be read',
    );
    expect(asked).toHaveLength(1);
    expect(existsSync(join(dir, 'has'))).toBe(false);
  });
});

test('an image of ECR that nobody has a role for is told what to do', async () => {
  writeFileSync(join(dir, 'docker'), '#!/bin/sh\necho "no basic auth credentials" >&2; exit 1\n');
  const failed = give(keeper(), 'r', '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1');
  await expect(failed).rejects.toThrow('ECR asks who fetches it: give the task imageCredentials with a role');
});
