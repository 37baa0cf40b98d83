// What preflight asks of AWS, and what it found: small enough that a test can answer it.
import * as z from 'zod';
import { BellowsError } from '../../lib/core/values/errors.ts';
import { CliError, exits } from '../errors.ts';

/** AWS answered no; `code` is its own, e.g. `AccessDenied`. */
export class AwsRefusal extends BellowsError {
  readonly awsCode: string;
  constructor(action: string, awsCode: string, message: string) {
    super('aws_refused', `${action}: ${message} (${awsCode})`);
    this.awsCode = awsCode;
  }
}

/** Calls as the caller, in one region; answers are plain data: texts, lists, and objects by name. */
export interface AwsReader {
  readonly region: string;
  /** @throws AwsRefusal, CliError without credentials */
  readonly query: (
    service: 'sts' | 'ec2' | 'iam' | 'cloudformation',
    action: string,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<unknown>;
  /** @throws AwsRefusal, CliError without credentials */
  readonly json: (service: 'servicequotas' | 'ssm', action: string, input: object) => Promise<unknown>;
  /** The status that S3 answers. */
  readonly headObject: (bucket: string, key: string) => Promise<number>;
}

export interface Finding {
  readonly name: string;
  /** `missing`: something would fail. `unknown`: nobody here may look. */
  readonly state: 'ok' | 'missing' | 'unknown';
  readonly what: string;
  /** A command or a place in the console. */
  readonly cure: string | null;
}

export function ok(name: string, what: string, cure: string | null = null): Finding {
  return { name, state: 'ok', what, cure };
}

export function missing(name: string, what: string, cure: string): Finding {
  return { name, state: 'missing', what, cure };
}

export function unknown(name: string, what: string, cure: string | null): Finding {
  return { name, state: 'unknown', what, cure };
}

/** What may not be asked is unknown, and no reason to stop. */
export async function looked(name: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AwsRefusal)
      return [unknown(name, error.message, 'let the caller make this call, or run preflight as somebody who may')];
    if (error instanceof CliError && error.exit === exits.unreachable)
      return [unknown(name, error.message, error.advice)];
    throw error;
  }
}

/** XML leaves empty lists out, or writes them without content. */
export function listOf<T extends z.ZodType>(item: T): z.ZodPreprocess<z.ZodArray<T>> {
  return z.preprocess((value) => (value === undefined || value === '' ? [] : value), z.array(item));
}

/** `Filter.1`, `Filter.2` … as the Query protocol counts. */
export function counted(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, at) => [`${name}.${String(at + 1)}`, value]));
}
