// The EC2 simulator for programs: what the command line and the package `ec2-simulator` start. Its types are its own,
// so that the package's declarations need nothing else.
import { Ec2Simulator } from '../../adapters/simulated/ec2/http/server.ts';
import { instantOptions } from '../../adapters/simulated/ec2/world.ts';

export interface SimulatorOptions {
  /** On 127.0.0.1; 0, or absent: any that is free. */
  readonly port?: number;
  /** The folder where state is kept, across restarts and `kill -9`; absent: in memory. */
  readonly state?: string;
  /** Without any delay: what is asked for has happened when you look next. */
  readonly instant?: boolean;
  /** Of ids, delays, prices, depths and interruptions. Default `bellows`. */
  readonly seed?: string;
  /** EC2's documented buckets, ten times those with unlimited reading (default), or none. */
  readonly throttling?: 'aws' | 'gentle' | 'off';
  /** Random spot interruptions per instance and hour, or the spot advisor's bands. Default 0. */
  readonly interruptions?: number | 'catalog';
  /** The longest time that describe lags behind, in milliseconds. Default 1000; 0 where `instant`. */
  readonly describeLagMs?: number;
  /** Size of the three default subnets, from 10 to 28. Default 20: 4,091 addresses each. */
  readonly subnetPrefix?: number;
  /** An EventBridge endpoint that takes PutEvents; absent: events are kept for `GET /_sim/events`. */
  readonly eventsUrl?: string;
}

export interface RunningSimulator {
  /** For `endpoint` of an EC2 client, or `AWS_ENDPOINT_URL_EC2`. */
  readonly endpoint: string;
  readonly port: number;
  /** Opens the port of instance metadata, `/i-…/latest/…`; answers its address. 0: any that is free. */
  serveMetadata(port: number): Promise<string>;
  /**
   * Calls a control route, e.g. `control('PUT', 'capacity', { pattern: 'c7g.*', available: 0 })`; answers its JSON.
   * Rejects with what the route says where it refuses.
   */
  control(method: 'DELETE' | 'GET' | 'POST' | 'PUT', route: string, body?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Resolves when it listens. Rejects where the port is taken. */
export async function startEc2Simulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { instant = false, subnetPrefix = 20 } = options;
  const simulator = await Ec2Simulator.start({
    port: options.port ?? 0,
    throttling: options.throttling ?? 'gentle',
    folder: options.state ?? null,
    eventsEndpoint: options.eventsUrl ?? null,
    options: {
      ...(instant ? instantOptions : {}),
      subnetPrefix,
      // Three zones must fit into the default network.
      vpcCidr: subnetPrefix >= 18 ? '172.31.0.0/16' : '10.0.0.0/8',
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
  return {
    endpoint,
    port,
    serveMetadata: (metadataPort) => simulator.metadata.listen(metadataPort),
    control: async (method, route, body) => {
      const answer = await fetch(`${endpoint}/_sim/${route}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const said = (await answer.json()) as Record<string, unknown>;
      if (!answer.ok) throw new Error(`${method} /_sim/${route}: ${String(said['error'])}`);
      return said;
    },
    close: () => simulator.close(),
  };
}
