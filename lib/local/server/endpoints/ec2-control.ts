// The control door of the embedded server's simulated EC2: the simulator's `/_sim/…` routes, but for those that would
// take its clock or its state away from under the server and its agents.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BodyTooLargeError, readBody } from '../../../adapters/local/http-body.ts';
import { strangerOf } from '../../../adapters/local/http-server.ts';
import { throwListening } from '../../../adapters/local/ports.ts';
import { Control, answerControl, worldRoutes } from '../../../adapters/simulated/ec2/http/control.ts';
import type { ControlledWorlds } from '../../../adapters/simulated/ec2/http/control.ts';
import type { Journal } from '../../../adapters/simulated/ec2/http/journal.ts';
import type { World } from '../../../adapters/simulated/ec2/world.ts';
import { BellowsError } from '../../../core/values/errors.ts';

export interface Ec2ControlOptions {
  /** On 127.0.0.1; 0: any that is free. */
  readonly port: number;
  readonly world: World;
  /** What the server has called. */
  readonly journal: Journal;
  readonly clock: { nowMs(): number };
  /** Carries what has happened on to the server and its agents. Never rejects. */
  readonly pump: () => Promise<void>;
}

export interface Ec2Control {
  readonly url: string;
  close(this: void): Promise<void>;
}

export const ec2ControlCure = 'choose another with --ec2-control PORT';

const bodyBytesMax = 65_536;

/** Resolves when it listens. @throws PortBusyError */
export async function startEc2Control(options: Ec2ControlOptions): Promise<Ec2Control> {
  const control = new Control(controlled(options), worldRoutes, options.world.accountId);
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    void serve(control, port, request, response);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: options.port, host: '127.0.0.1' }, resolve);
    });
  } catch (error) {
    throwListening(error, options.port, ec2ControlCure);
  }
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function controlled({ world, journal, clock, pump }: Ec2ControlOptions): ControlledWorlds {
  const { accountId, region } = world;
  return {
    clock: {
      nowMs: () => clock.nowMs(),
      get state() {
        return { mode: 'real' as const, factor: 1, nowMs: clock.nowMs() };
      },
    },
    journal,
    faults: world.cloud.faults,
    worlds: {
      all: () => [world],
      world: (wantedAccount, wantedRegion) => {
        if (wantedAccount === accountId && wantedRegion === region) return world;
        throw new OtherWorldError(wantedAccount, wantedRegion, world);
      },
      dump: () => [{ accountId, region, state: world.dump() }],
    },
    events: {
      pump: () => {
        void pump();
      },
    },
  };
}

/** Never rejects. */
async function serve(
  control: Control<ControlledWorlds>,
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const stranger = strangerOf(request, port);
  if (stranger !== null) {
    request.resume();
    answerControl(response, 403, { error: stranger });
    return;
  }
  let body: Buffer;
  try {
    body = await readBody(request, bodyBytesMax);
  } catch (error) {
    request.resume();
    if (error instanceof BodyTooLargeError) answerControl(response, 413, { error: error.message });
    // The caller went away while sending: there is nobody to answer.
    else response.destroy();
    return;
  }
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (url === null) {
    answerControl(response, 400, { error: `${JSON.stringify(request.url)} is no path of a URL; try /_sim/health` });
    return;
  }
  await control.serve(request.method ?? 'GET', url, body.toString(), response);
}

class OtherWorldError extends BellowsError {
  constructor(accountId: string, region: string, own: World) {
    super(
      'bad_control_target',
      `there is no account ${accountId} in ${region} here; this server has one, ${own.accountId} in ${own.region}: `
        + 'leave ?account= and ?region= out',
    );
  }
}
