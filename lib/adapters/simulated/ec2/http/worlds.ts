// The worlds of a running simulator, one per account and region, made when they are first called; in memory,
// or each in a folder of its own.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteCloudStorage } from '../../cloud/persistence.ts';
import type { CloudState } from '../../cloud/storage.ts';
import { parseCidr } from '../addresses.ts';
import { World, worldDefaults } from '../world.ts';
import type { WorldOptions } from '../world.ts';
import { SeedError, Seeding } from '../seeding.ts';
import type { Seed } from '../seeding.ts';

export interface WorldsSetup {
  readonly clock: { nowMs(): number };
  readonly options: Partial<WorldOptions>;
  readonly seed?: Seed;
  /** null: nothing outlives the process. */
  readonly folder: string | null;
}

export class Worlds {
  private readonly setup: WorldsSetup;
  private readonly seeding: Seeding;
  private options: Partial<WorldOptions>;
  private readonly open = new Map<string, { readonly world: World; readonly storage: SqliteCloudStorage | null }>();

  constructor(setup: WorldsSetup) {
    this.setup = setup;
    this.options = setup.options;
    checkRoom(setup.seed ?? {}, setup.options);
    this.seeding = new Seeding(setup.seed);
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
    const { options, seeding } = this;
    const world = new World({ accountId, region, clock: this.setup.clock, options, seeding, storage });
    this.open.set(key, { world, storage });
    return world;
  }

  all(): readonly World[] {
    return [...this.open.values()].map((one) => one.world);
  }

  /** What a start gave, but for these. */
  startOptions(but: Partial<WorldOptions>): Partial<WorldOptions> {
    const { options } = this.setup;
    return { ...options, ...but, cloud: { ...options.cloud, ...but.cloud } };
  }

  /** Gives it to all worlds, those that are and those to come; what is not named stays as it was. @throws SeedError */
  seed(more: Seed): void {
    const seed = this.seeding.with(more);
    checkRoom(seed, this.options);
    const worlds = this.all();
    const fixed = (['instanceTypes', 'onlyInstanceTypes', 'zones'] as const).filter((name) => more[name] !== undefined);
    if (worlds.length > 0 && fixed.length > 0)
      throw new SeedError([
        `${fixed.join(', ')}: there are worlds already, which keep theirs; give it to POST /_sim/reset as its seeding`,
      ]);
    this.seeding.replace(seed);
    for (const world of worlds) this.seeding.apply(more, world);
  }

  /** Everything is gone, also on disk; other options and another seed may hold from now on. @throws SeedError */
  reset(options: Partial<WorldOptions> = this.options, seed: Seed | null = null): void {
    if (seed !== null) {
      checkRoom(seed, options);
      this.seeding.replace(seed);
    }
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
        seeding: this.seeding,
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

/** A default subnet of each zone must fit into the default network. @throws SeedError */
function checkRoom({ zones = {} }: Seed, options: Partial<WorldOptions>): void {
  const { subnetPrefix, vpcCidr } = { ...worldDefaults, ...options };
  const room = 2 ** (subnetPrefix - (parseCidr(vpcCidr)?.prefix ?? 0));
  for (const [name, list] of Object.entries(zones))
    if (list.length > room)
      throw new SeedError([
        `zones.${name}: ${String(list.length)} default subnets of size /${String(subnetPrefix)} do not fit into `
          + `${vpcCidr}; name at most ${String(room)} zones, or make subnets smaller`,
      ]);
}
