// The control routes `/_sim/…`: what a test does to the simulation, and what it asks of it beside the API.
import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { BellowsError } from '../../../../core/values/errors.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import { cloudOptionsSchema } from '../../cloud/options.ts';
import { defaultAccountId } from '../protocol/signature.ts';
import type { CloudState } from '../../cloud/storage.ts';
import { instantOptions } from '../world.ts';
import { parseSeed } from '../seeding.ts';
import type { World } from '../world.ts';
import type { EventPump } from './event-pump.ts';
import type { Journal } from './journal.ts';
import type { MetadataService } from './metadata.ts';
import type { SimulationClock } from './clock.ts';
import type { ThrottlingName } from './throttling.ts';
import type { Worlds } from './worlds.ts';
import type { Faults } from '../../cloud/faults.ts';
import { throttlingNames } from './throttling.ts';

const count = z.number().int().min(0);
const schemas = {
  clock: z.union([
    z.strictObject({ mode: z.literal('real') }),
    z.strictObject({ mode: z.literal('scaled'), factor: z.number().positive().max(1_000_000) }),
    z.strictObject({ mode: z.literal('stepped') }),
  ]),
  step: z.strictObject({ ms: count }),
  capacity: z.strictObject({
    pattern: z.string().min(1),
    available: count.nullable(),
    refillPerMinute: z.number().min(0).optional(),
  }),
  price: z.strictObject({
    offering: z.string().regex(/^[^/]+\/[^/]+\/(spot|on-demand)$/),
    usdPerHour: z.number().positive().nullable(),
  }),
  interruption: z.strictObject({ instanceId: z.string(), noticeMs: count.default(120_000) }),
  crash: z.strictObject({ instanceId: z.string(), reason: z.string().default('crashed by /_sim/crashes') }),
  fault: z.strictObject({
    action: z.string().min(1),
    effect: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('throttle') }),
      z.strictObject({
        kind: z.literal('fail'),
        code: z.string(),
        message: z.string().default('A fault that was asked for'),
        httpStatus: z.number().int().min(400).max(599).default(400),
      }),
      z.strictObject({ kind: z.literal('drop-response') }),
      z.strictObject({ kind: z.literal('drop-request') }),
      z.strictObject({ kind: z.literal('delay'), delayMs: count }),
    ]),
    times: z.number().int().min(1).optional(),
    probability: z.number().min(0).max(1).optional(),
    parametersContain: z.string().optional(),
  }),
  throttling: z.strictObject({ preset: z.enum(throttlingNames) }),
  limit: z.strictObject({
    capacityType: z.enum(['on-demand', 'spot']).default('on-demand'),
    quotaClass: z.string().default('standard'),
    vcpu: count.nullable(),
  }),
  mounted: z.strictObject({ volumeId: z.string(), isMounted: z.boolean() }),
  reset: z
    .strictObject({
      cloud: cloudOptionsSchema.partial().optional(),
      instant: z.boolean().optional(),
      seeding: z.unknown().optional(),
    })
    .prefault({}),
  load: z.strictObject({
    nowMs: z.number(),
    worlds: z.array(
      z.strictObject({ accountId: z.string(), region: z.string(), state: z.record(z.string(), z.unknown()) }),
    ),
  }),
  imds: z.strictObject({ instanceId: z.string() }),
} as const;

/** What can be controlled of simulated EC2 wherever it lives, also within another program that owns its clock. */
export interface ControlledWorlds {
  readonly clock: Pick<SimulationClock, 'nowMs' | 'state'>;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly worlds: Pick<Worlds, 'all' | 'dump' | 'world'>;
  readonly events: Pick<EventPump, 'pump'>;
}

/** What can be controlled of a simulator. */
export interface Controlled extends ControlledWorlds {
  readonly clock: SimulationClock;
  readonly worlds: Worlds;
  readonly events: EventPump;
  readonly metadata: MetadataService;
  readonly throttlingName: ThrottlingName;
  setThrottling(name: ThrottlingName): void;
}

type Answer = Record<string, unknown>;
type Route<Simulator> = (asked: {
  readonly simulator: Simulator;
  readonly world: () => World;
  readonly query: URLSearchParams;
  readonly body: unknown;
}) => Answer | Promise<Answer>;

const ok: Answer = { ok: true };

const limitOf = (query: URLSearchParams): number =>
  Math.min(10_000, Math.max(1, Number(query.get('limit') ?? 1000) || 1000));

/** Routes that any simulated EC2 has. */
export const worldRoutes: Readonly<Record<string, Route<ControlledWorlds>>> = {
  'GET /_sim/health': ({ simulator }) => ({
    ok: true,
    memory: {
      residentMb: Math.round(process.memoryUsage.rss() / 1e6),
      heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
    },
    clock: simulator.clock.state,
    worlds: simulator.worlds.all().map(({ accountId, region }) => ({ accountId, region })),
  }),
  'PUT /_sim/capacity': ({ world, body }) => {
    const { pattern, available, refillPerMinute } = schemas.capacity.parse(body);
    world().cloud.setCapacity(pattern, available, refillPerMinute);
    return ok;
  },
  'PUT /_sim/prices': ({ world, body }) => {
    const { offering, usdPerHour } = schemas.price.parse(body);
    world().cloud.prices.set(offering, usdPerHour);
    return ok;
  },
  'POST /_sim/interruptions': ({ simulator, world, body }) => {
    const { instanceId, noticeMs } = schemas.interruption.parse(body);
    world().cloud.interrupt(instanceId, noticeMs);
    simulator.events.pump();
    return ok;
  },
  'POST /_sim/crashes': ({ simulator, world, body }) => {
    const { instanceId, reason } = schemas.crash.parse(body);
    world().cloud.crashInstance(instanceId, reason);
    simulator.events.pump();
    return ok;
  },
  'GET /_sim/faults': ({ simulator }) => ({ faults: simulator.faults.list() }),
  'POST /_sim/faults': ({ simulator, body }) => {
    const { times, probability, parametersContain, ...fault } = schemas.fault.parse(body);
    simulator.faults.set({
      ...fault,
      ...(times === undefined ? {} : { times }),
      ...(probability === undefined ? {} : { probability }),
      ...(parametersContain === undefined ? {} : { parametersContain }),
    });
    return ok;
  },
  'DELETE /_sim/faults': ({ simulator }) => {
    simulator.faults.clear();
    return ok;
  },
  'PUT /_sim/limits': ({ world, body }) => {
    const { capacityType, quotaClass, vcpu } = schemas.limit.parse(body);
    world().cloud.setVcpuLimit(capacityType, quotaClass, vcpu);
    return ok;
  },
  'PUT /_sim/mounted': ({ world, body }) => {
    const { volumeId, isMounted } = schemas.mounted.parse(body);
    const volume = world().volumes.get(volumeId);
    if (!volume) throw new Ec2Error('InvalidVolume.NotFound', `The volume '${volumeId}' does not exist.`);
    world().volumes.put({
      ...volume,
      attachments: volume.attachments.map((attachment) => ({ ...attachment, isMounted })),
    });
    return ok;
  },
  'GET /_sim/journal': ({ simulator, query }) => ({
    counts: simulator.journal.countsByAction(),
    entries: simulator.journal.list(query.get('action'), limitOf(query)),
  }),
  'DELETE /_sim/journal': ({ simulator }) => {
    simulator.journal.clear();
    return ok;
  },
  'GET /_sim/instances': ({ world }) => ({ instances: world().cloud.instances() }),
  'GET /_sim/effects': ({ world, query }) => {
    const effects = world().cloud.launchEffects();
    const token = query.get('token');
    return { effects: token === null ? Object.fromEntries(effects) : { [token]: effects.get(token) ?? [] } };
  },
  'GET /_sim/billing': ({ world }) => ({ ...world().cloud.billing() }),
  'GET /_sim/dump': ({ simulator }) => ({ nowMs: simulator.clock.nowMs(), worlds: simulator.worlds.dump() }),
};

/** Routes of the simulator: these, which need that nobody else owns its clock and its state, and those above. */
export const simulatorRoutes: Readonly<Record<string, Route<Controlled>>> = {
  ...worldRoutes,
  'GET /_sim/clock': ({ simulator }) => ({ ...simulator.clock.state }),
  'PUT /_sim/clock': ({ simulator, body }) => {
    const wanted = schemas.clock.parse(body);
    simulator.clock.set(wanted.mode, wanted.mode === 'scaled' ? wanted.factor : 1);
    simulator.events.pump();
    return { ...simulator.clock.state };
  },
  'POST /_sim/clock/step': ({ simulator, body }) => {
    simulator.clock.step(schemas.step.parse(body).ms);
    simulator.events.pump();
    return { ...simulator.clock.state };
  },
  'GET /_sim/throttling': ({ simulator }) => ({ preset: simulator.throttlingName }),
  'PUT /_sim/throttling': ({ simulator, body }) => {
    simulator.setThrottling(schemas.throttling.parse(body).preset);
    return ok;
  },
  'GET /_sim/events': ({ simulator, query }) => {
    simulator.events.pump();
    return { events: simulator.events.list(limitOf(query)), ...simulator.events.counts };
  },
  'POST /_sim/imds': async ({ simulator, world, body }) => ({
    endpoint: await simulator.metadata.listenFor(world(), schemas.imds.parse(body).instanceId),
  }),
  'PUT /_sim/seeding': ({ simulator, body }) => {
    simulator.worlds.seed(parseSeed(body));
    return ok;
  },
  'POST /_sim/load': ({ simulator, body }) => {
    const dumped = schemas.load.parse(body);
    simulator.clock.notBefore(dumped.nowMs);
    // A dump is this simulator's own; its insides were not made to be written by hand.
    simulator.worlds.load(
      dumped.worlds as unknown as readonly {
        readonly accountId: string;
        readonly region: string;
        readonly state: CloudState;
      }[],
    );
    return ok;
  },
  'POST /_sim/reset': ({ simulator, body }) => {
    const { cloud, instant, seeding } = schemas.reset.parse(body ?? {});
    const parsed = seeding === undefined ? null : parseSeed(seeding);
    simulator.faults.clear();
    simulator.journal.clear();
    simulator.events.clear();
    simulator.setThrottling(simulator.throttlingName);
    const own = cloud ? withoutUndefined(cloud) : {};
    const { worlds } = simulator;
    // Without either, what an earlier reset gave holds on.
    if (instant !== true && !cloud) worlds.reset(undefined, parsed);
    else {
      const but = instant === true ? instantOptions : {};
      worlds.reset(worlds.startOptions({ ...but, cloud: { ...but.cloud, ...own } }), parsed);
    }
    return ok;
  },
};

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

export class Control<Simulator extends ControlledWorlds> {
  private readonly simulator: Simulator;
  private readonly routes: Readonly<Record<string, Route<Simulator>>>;
  private readonly ownAccountId: string;

  /** `ownAccountId`: the account of calls that name none. */
  constructor(
    simulator: Simulator,
    routes: Readonly<Record<string, Route<Simulator>>>,
    ownAccountId: string = defaultAccountId,
  ) {
    this.simulator = simulator;
    this.routes = routes;
    this.ownAccountId = ownAccountId;
  }

  /** Which account and region: `?account=…&region=…`; its own account in us-east-1 where they are absent. */
  async serve(method: string, url: URL, body: string, response: ServerResponse): Promise<void> {
    const { simulator, routes } = this;
    const route = routes[`${method} ${url.pathname}`];
    let status = 200;
    let answer: Answer;
    try {
      if (!route) throw new UnknownRouteError(method, url.pathname, Object.keys(routes));
      const account = url.searchParams.get('account') ?? this.ownAccountId;
      const region = url.searchParams.get('region') ?? 'us-east-1';
      if (!/^\d{12}$/.test(account) || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
        throw new BadTargetError(account, region);
      const world = (): World => simulator.worlds.world(account, region);
      answer = await route({
        simulator,
        world,
        query: url.searchParams,
        body: body === '' ? undefined : (JSON.parse(body) as unknown),
      });
      for (const open of simulator.worlds.all()) open.commit();
    } catch (error) {
      status =
        error instanceof UnknownRouteError
          ? 404
          : error instanceof Ec2Error
            ? error.httpStatus
            : error instanceof z.ZodError || error instanceof SyntaxError || error instanceof BellowsError
              ? 400
              : 500;
      answer = {
        error:
          error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error),
      };
    }
    answerControl(response, status, answer);
  }
}

export function answerControl(response: ServerResponse, status: number, answer: Answer): void {
  const text = JSON.stringify(answer);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

class UnknownRouteError extends BellowsError {
  constructor(method: string, path: string, routes: readonly string[]) {
    super('unknown_control_route', `there is no control route ${method} ${path}; there are: ${routes.join(', ')}`);
  }
}

class BadTargetError extends BellowsError {
  constructor(account: string, region: string) {
    super(
      'bad_control_target',
      `account ${JSON.stringify(account)} must be 12 digits and region ${JSON.stringify(region)} a `
        + 'name such as us-east-1',
    );
  }
}
