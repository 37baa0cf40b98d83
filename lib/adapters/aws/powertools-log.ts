// The log port on Powertools' Logger, which adds service, function and request to each line.
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log, LogLevel } from '../../ports/log.ts';

export class PowertoolsLog implements Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#logger[level](message, fields);
  }
}
