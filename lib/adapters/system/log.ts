// One JSON line per message on stderr: what CloudWatch, journald and people with jq can all read.
import type { Log, LogLevel } from '../../ports/log.ts';

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface JsonLogOptions {
  /** Less important lines are not written. Default `info`. */
  readonly level?: LogLevel | undefined;
  /** Fields of every line, such as the name of the process. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  readonly write?: ((line: string) => void) | undefined;
}

export class JsonLog implements Log {
  readonly #levelMin: number;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #write: (line: string) => void;

  constructor(options: JsonLogOptions = {}) {
    this.#levelMin = order.indexOf(options.level ?? 'info');
    this.#fields = options.fields ?? {};
    this.#write = options.write ?? ((line) => process.stderr.write(line));
  }

  write(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (order.indexOf(level) < this.#levelMin) return;
    const head = { at: new Date().toISOString(), level, message };
    const line = { ...head, ...this.#fields, ...fields, ...head };
    this.#write(`${JSON.stringify(line, toPlain)}\n`);
  }
}

/**
 * Errors have no enumerable properties and bigints no JSON: both would be lost or throw while
 * something is being reported.
 */
function toPlain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
