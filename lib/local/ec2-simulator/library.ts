// The EC2 simulator for programs: what the command line and the package `ec2-simulator` start. Its types are its own,
// so that the package's declarations need nothing else.
import { readFileSync } from 'node:fs';
import { Ec2Simulator } from '../../adapters/simulated/ec2/http/server.ts';
import { SeedError, parseSeed } from '../../adapters/simulated/ec2/seeding.ts';
import type { Seed } from '../../adapters/simulated/ec2/seeding.ts';
import { instantOptions } from '../../adapters/simulated/ec2/world.ts';

/** What is not as packaged, for all accounts; see the package's README for what each means. */
export interface SimulatorSeeding {
  readonly images?: readonly {
    readonly id: string;
    readonly name: string;
    readonly architecture: 'x86_64' | 'arm64';
    readonly description?: string;
    /** 12 digits, or `self` (default): each account has it as its own. */
    readonly owner?: string;
    readonly ownerAlias?: string;
    readonly platform?: 'windows';
    readonly rootDeviceName?: string;
    readonly rootSizeGib?: number;
    readonly createdAt?: string;
    readonly tags?: Readonly<Record<string, string>>;
    /** Names of SSM parameters that lead to it. */
    readonly parameters?: readonly string[];
    readonly regions?: readonly string[];
  }[];
  /** Beside those of the packaged catalog; in all that is not said like another. */
  readonly instanceTypes?: readonly {
    readonly name: string;
    readonly like: string;
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly onDemandUsdPerHour?: number | null;
    readonly spotUsdPerHour?: number | null;
  }[];
  /** Of the packaged catalog, those that there are: names, in which `*` stands for anything. */
  readonly onlyInstanceTypes?: readonly string[];
  readonly regions?: readonly string[];
  /** By region. */
  readonly zones?: Readonly<Record<string, readonly string[]>>;
  /** vCPU at once; on-demand and `standard` where it is not said. */
  readonly quotas?: readonly { readonly capacityType?: string; readonly quotaClass?: string; readonly vcpu: number }[];
  /** By `type/zone/capacity type`, in which `*` stands for anything. */
  readonly prices?: readonly { readonly offering: string; readonly usdPerHour: number }[];
  /** Instances that offerings have; null: no limit. */
  readonly capacity?: readonly {
    readonly pattern: string;
    readonly available: number | null;
    readonly refillPerMinute?: number;
  }[];
}

export interface SimulatorOptions {
  /** On 127.0.0.1; 0, or absent: any that is free. */
  readonly port?: number;
  /** The folder where state is kept, across restarts and `kill -9`; absent: in memory. */
  readonly state?: string;
  /** Without any delay: what is asked for has happened when you look next. */
  readonly instant?: boolean;
  /** Images, types, zones, regions, quotas, prices and capacity; `seedFile`: the same as JSON in a file. */
  readonly seeding?: SimulatorSeeding;
  readonly seedFile?: string;
  /** Of what is random: ids, delays, prices, depths and interruptions. Default `bellows`. */
  readonly seed?: string;
  /** EC2's documented buckets, ten times those with unlimited reading (default), or none. */
  readonly throttling?: 'aws' | 'gentle' | 'off';
  /** Random spot interruptions per instance and hour, or the spot advisor's bands. Default 0. */
  readonly interruptions?: number | 'catalog';
  /** The longest time that describe lags behind, in milliseconds. Default 1000; 0 where `instant`. */
  readonly describeLagMs?: number;
  /** Size of the default subnets, one a zone, from 10 to 28. Default 20: 4,091 addresses each. */
  readonly subnetPrefix?: number;
  /** An EventBridge endpoint that takes PutEvents; absent: events are kept for `GET /_sim/events`. */
  readonly eventsUrl?: string;
}

export interface RunningSimulator {
  /** For `endpoint` of an EC2 client, or `AWS_ENDPOINT_URL_EC2`. */
  readonly endpoint: string;
  readonly port: number;
  /** What a client of the SDK for JavaScript is made of. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Opens the port of instance metadata, `/i-…/latest/…`; answers its address. 0: any that is free. */
  serveMetadata(port: number): Promise<string>;
  /**
   * Calls a control route, e.g. `control('PUT', 'capacity', { pattern: 'c7g.*', available: 0 })`; answers its JSON.
   * Rejects with what the route says where it refuses.
   */
  control(method: 'DELETE' | 'GET' | 'POST' | 'PUT', route: string, body?: object): Promise<Record<string, unknown>>;
  /**
   * Everything is gone: instances, tokens, faults; time passes again. What the start gave holds on, but for what is
   * given here.
   */
  reset(but?: {
    readonly instant?: boolean;
    readonly seeding?: SimulatorSeeding;
    readonly cloud?: object;
  }): Promise<void>;
  /** Lets this many milliseconds pass, of a clock that stands still otherwise (from the first call on). */
  step(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** @throws SeedError which names the file, or each field that is wrong */
function seedOf({ seeding, seedFile }: SimulatorOptions): Seed {
  if (seedFile === undefined) return parseSeed(seeding ?? {});
  if (seeding !== undefined) throw new SeedError(['seeding and seedFile are both given; give one of them']);
  try {
    return parseSeed(JSON.parse(readFileSync(seedFile, 'utf8')));
  } catch (error) {
    if (error instanceof SeedError) throw new SeedError([`${seedFile}:`, ...error.reasons]);
    throw new SeedError([`${seedFile}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Resolves when it listens. Rejects where the port is taken, and with SeedError where the seeding is wrong. */
export async function startEc2Simulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { instant = false, subnetPrefix = 20 } = options;
  const seed = seedOf(options);
  const zones = Math.max(3, ...Object.values(seed.zones ?? {}).map((list) => list.length));
  const simulator = await Ec2Simulator.start({
    port: options.port ?? 0,
    throttling: options.throttling ?? 'gentle',
    folder: options.state ?? null,
    eventsEndpoint: options.eventsUrl ?? null,
    seed,
    options: {
      ...(instant ? instantOptions : {}),
      subnetPrefix,
      // A subnet of each zone must fit into the default network.
      vpcCidr: zones <= 2 ** (subnetPrefix - 16) ? '172.31.0.0/16' : '10.0.0.0/8',
      cloud: {
        seed: options.seed ?? 'bellows',
        spotInterruptionsPerHour: options.interruptions ?? 0,
        spotPriceVariation: 0.2,
        ...(instant ? instantOptions.cloud : {}),
        // A lag that is asked for is given, also beside `instant`.
        describeLagMs: { minMs: 0, maxMs: options.describeLagMs ?? (instant ? 0 : 1000) },
      },
    },
  });
  const { endpoint, port } = simulator;
  const control: RunningSimulator['control'] = async (method, route, body) => {
    const answer = await fetch(`${endpoint}/_sim/${route}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`${method} /_sim/${route}: ${String(said['error'])}`);
    return said;
  };
  return {
    endpoint,
    port,
    clientConfig: { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } },
    serveMetadata: (metadataPort) => simulator.metadata.listen(metadataPort),
    control,
    reset: async (but = {}) => {
      await control('PUT', 'clock', { mode: 'real' });
      await control('POST', 'reset', but);
    },
    step: async (ms) => {
      await control('PUT', 'clock', { mode: 'stepped' });
      await control('POST', 'clock/step', { ms });
    },
    close: () => simulator.close(),
  };
}
