// What a process that serves tells of itself: ports on its node, and how its health is checked there.

/**
 * Where the agent of a node answers tasks that ask for credentials of their roles, so no service may have it there.
 * Below 1024: no task can open it in the place of an agent that is being restarted.
 */
export const agentPort = 963;

/** `port`: of the node; absent: the agent chooses a free one. `container`: inside of it; absent: the same. */
export interface PortSpec {
  readonly name: string;
  readonly port?: number;
  readonly container?: number;
}

/** A port as it is on the node. */
export interface OpenPort {
  readonly name: string;
  readonly port: number;
}

export type HealthProbe =
  /** A status from 200 to 399. */
  | { readonly kind: 'http'; readonly port: string; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: string }
  /** Exit code 0. */
  | { readonly kind: 'command'; readonly argv: readonly string[] };

export interface HealthCheck {
  readonly probe: HealthProbe;
  /** So long after the start failures do not count, until the first success. */
  readonly startPeriodMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many successes in a row make it healthy, and failures unhealthy. */
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** As its agent judges it. Before the first verdict there is none. */
export interface Health {
  readonly isHealthy: boolean;
  /** What the last failure was; absent: it is healthy. */
  readonly message?: string;
}

export interface HealthCount {
  readonly health: Health | null;
  readonly successes: number;
  readonly failures: number;
}

export const noVerdict: HealthCount = { health: null, successes: 0, failures: 0 };

/** After one more probe, `ageMs` after the start. `failure` null: it went well. */
export function judged(
  before: HealthCount,
  failure: string | null,
  ageMs: number,
  {
    startPeriodMs,
    healthyAfter,
    unhealthyAfter,
  }: Pick<HealthCheck, 'startPeriodMs' | 'healthyAfter' | 'unhealthyAfter'>,
): HealthCount {
  if (failure === null) {
    const successes = before.successes + 1;
    const health = successes >= healthyAfter ? { isHealthy: true } : before.health;
    return { health, successes, failures: 0 };
  }
  if (before.health === null && ageMs < startPeriodMs) return { ...before, successes: 0 };
  const failures = before.failures + 1;
  const health = failures >= unhealthyAfter ? { isHealthy: false, message: failure } : before.health;
  return { health, successes: 0, failures };
}

/** BELLOWS_PORT_HTTP for the port `http`. */
export function portVariables(ports: readonly OpenPort[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ports.map(({ name, port }) => [`BELLOWS_PORT_${name.toUpperCase().replaceAll('-', '_')}`, String(port)]),
  );
}
