// The worlds of a running simulator, one per account and region, made when they are first called; in memory,
// or each in a folder of its own.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteCloudStorage } from '../../cloud/persistence.ts';
import type { CloudState } from '../../cloud/storage.ts';
import { World } from '../world.ts';
import type { WorldOptions } from '../world.ts';

export interface WorldsSetup {
  readonly clock: { nowMs(): number };
  readonly options: Partial<WorldOptions>;
  /** null: nothing outlives the process. */
  readonly folder: string | null;
}

export class Worlds {
  private readonly setup: WorldsSetup;
  private options: Partial<WorldOptions>;
  private readonly open = new Map<string, { readonly world: World; readonly storage: SqliteCloudStorage | null }>();

  constructor(setup: WorldsSetup) {
    this.setup = setup;
    this.options = setup.options;
    // What was there goes on without being called: instances end and events are sent.
    if (setup.folder !== null && existsSync(setup.folder)) {
      for (const name of readdirSync(setup.folder)) {
        const [, accountId, region] = /^(\d{12})_([a-z0-9-]+)$/.exec(name) ?? [];
        if (accountId !== undefined && region !== undefined) this.world(accountId, region);
      }
    }
  }

  world(accountId: string, region: string): World {
    const key = `${accountId}_${region}`;
    const known = this.open.get(key);
    if (known) return known.world;
    const storage = this.setup.folder === null ? null : new SqliteCloudStorage(join(this.setup.folder, key));
    const world = new World({ accountId, region, clock: this.setup.clock, options: this.options, storage });
    this.open.set(key, { world, storage });
    return world;
  }

  all(): readonly World[] {
    return [...this.open.values()].map((one) => one.world);
  }

  /** Everything is gone, also on disk; other options may hold from now on. */
  reset(options: Partial<WorldOptions> = this.options): void {
    this.options = options;
    for (const [key, { storage }] of this.open) {
      storage?.close();
      if (this.setup.folder !== null) rmSync(join(this.setup.folder, key), { recursive: true, force: true });
    }
    this.open.clear();
  }

  dump(): readonly { readonly accountId: string; readonly region: string; readonly state: CloudState }[] {
    return this.all().map((world) => ({ accountId: world.accountId, region: world.region, state: world.dump() }));
  }

  load(dumped: readonly { readonly accountId: string; readonly region: string; readonly state: CloudState }[]): void {
    this.reset();
    for (const { accountId, region, state } of dumped) {
      const key = `${accountId}_${region}`;
      const storage = this.setup.folder === null ? null : new SqliteCloudStorage(join(this.setup.folder, key));
      storage?.save({ ...state, forgotten: [] });
      const world = new World({
        accountId,
        region,
        clock: this.setup.clock,
        options: this.options,
        storage: storage ?? { load: () => state, save: () => undefined },
      });
      this.open.set(key, { world, storage });
    }
  }

  close(): void {
    for (const { world, storage } of this.open.values()) {
      world.commit();
      storage?.close();
    }
    this.open.clear();
  }
}
