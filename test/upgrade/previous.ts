// Agent and controller of the version before, as `refresh.ts` has kept them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import type { syncAgent } from '../../lib/control/agents/sync-agent.ts';
import type { outputUpload, syncRequest } from '../../lib/api/schemas/agent-protocol.ts';
import type { keys } from '../../lib/control/store/keys.ts';
import type { put } from '../../lib/control/store/store-retry.ts';
import type { assignment, node, placedTask, request } from '../core/builders.ts';
import type { BareWorld, settings } from '../control/bare-world.ts';

export const previousFile = 'test/upgrade/previous.json';

/** Its types are today's: what a test uses of it has not changed since, or it does not run. */
export interface PreviousController {
  readonly syncAgent: typeof syncAgent;
  readonly outputUpload: typeof outputUpload;
  readonly syncRequest: typeof syncRequest;
  readonly keys: typeof keys;
  readonly put: typeof put;
  readonly assignment: typeof assignment;
  readonly node: typeof node;
  readonly placedTask: typeof placedTask;
  readonly request: typeof request;
  readonly BareWorld: typeof BareWorld;
  readonly settings: typeof settings;
}

/** Unpacks them. */
export async function previousVersion(
  folder: string,
): Promise<{ readonly agent: string; readonly controller: PreviousController }> {
  const { files } = JSON.parse(readFileSync(previousFile, 'utf8')) as {
    readonly files: Readonly<Record<string, string>>;
  };
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), brotliDecompressSync(Buffer.from(text, 'base64')));
  const controller = (await import(pathToFileURL(join(folder, 'controller.mjs')).href)) as PreviousController;
  return { agent: join(folder, 'agent.mjs'), controller };
}
