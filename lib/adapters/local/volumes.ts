// Folders that stand for the devices of volumes: they outlive instances, and go with their volume.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export function pruneVolumes(dir: string, isThere: (volumeId: string) => boolean): void {
  if (!existsSync(dir)) return;
  for (const id of readdirSync(dir)) if (!isThere(id)) rmSync(join(dir, id), { recursive: true, force: true });
}
