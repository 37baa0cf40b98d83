// Checks that a port of the loopback interface is free, before anything is installed, made or started.
import { createServer } from 'node:net';
import { BellowsError } from '../../core/values/errors.ts';
import { codeOf } from './plain-file.ts';

/**
 * Another program listens on the port, or this user may not. Whoever starts the server exits
 * with 3 and this message.
 */
export class PortBusyError extends BellowsError {
  readonly port: number;
  /** `cure`: how another port is chosen there. */
  constructor(port: number, options: ErrorOptions & { readonly cure?: string | undefined } = {}) {
    const { cure = 'set BELLOWS_PORT to another port', ...others } = options;
    const what =
      codeOf(others.cause) === 'EACCES' ? 'may not be opened by this user' : 'is in use; stop what listens there';
    super(
      'port_busy',
      `port ${String(port)} on 127.0.0.1 ${what}${codeOf(others.cause) === 'EACCES' ? ';' : ' or'} ${cure}`,
      others,
    );
    this.port = port;
  }
}

/** @throws PortBusyError where `error` is from listening to a port that is not free; otherwise `error` itself */
export function throwListening(error: unknown, port: number, cure?: string): never {
  if (['EADDRINUSE', 'EACCES'].includes(codeOf(error) ?? '')) throw new PortBusyError(port, { cause: error, cure });
  throw error;
}

/**
 * A free one that nobody is given meanwhile, for what listens to it later, or again and again: below those that the
 * kernel picks itself. A call to a server that is down could be given the server's own port, which then is not free.
 */
export async function lastingPort(): Promise<number> {
  const first = 20_000 + (process.pid % 10_000);
  for (let port = first; port < first + 100; port += 1) {
    try {
      await assertPortFree(port);
      return port;
    } catch (error) {
      if (!(error instanceof PortBusyError)) throw error;
    }
  }
  throw new PortBusyError(first);
}

/** 0 is always free. `host`: where it shall be listened. @throws PortBusyError */
export async function assertPortFree(port: number, cure?: string, host = '127.0.0.1'): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host }, resolve);
    });
  } catch (error) {
    throwListening(error, port, cure);
  }
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
