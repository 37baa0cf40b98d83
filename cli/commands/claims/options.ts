// Options and parts of bodies that the commands of virtual machines, volumes and networks share.
import type { Command } from 'commander';
import type * as z from 'zod';
import type { machineBody, networkBody, storageBody } from '../../../lib/api/schemas/claims.ts';
import { usageError } from '../../errors.ts';
import { withName } from '../../input/names.ts';
import { number } from '../../text.ts';

export type Options = Readonly<Record<string, unknown>>;

export const kinds = {
  vm: { type: 'virtual_machine', noun: 'virtual machine' },
  volume: { type: 'storage', noun: 'volume' },
  network: { type: 'network', noun: 'security group' },
} as const;
export type Kind = keyof typeof kinds;

export const several = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export function created(parent: Command, kind: Kind, isCommand = false): Command {
  const command = isCommand ? parent : parent.command('create').description(`ask for a ${kinds[kind].noun}`);
  return withName(command)
    .option('--pool <name>', 'the pool')
    .option('--lease <seconds>', 'released after this, unless renewed', number('--lease'))
    .option('--key <text>', 'idempotency key: the same key and options are the same request')
    .option('--wait', 'until it is active');
}

export function waitable(command: Command): Command {
  return command.option('--wait', 'until it is done');
}

export function needsOf(
  command: Command,
  ofClass = 'gp3, io2, st1 or sc1; the cheapest that meets the needs unless given',
): Command {
  return command
    .option('--size <gib>', 'GiB', number('--size'))
    .option('--iops <number>', 'operations a second that it must sustain', number('--iops'))
    .option('--throughput <mibps>', 'MiB a second that it must sustain', number('--throughput'))
    .option('--class <type>', ofClass);
}

/** Without what was not said: the server has the defaults, and the last word on what is valid. */
export function defined<T extends object>(value: Readonly<Record<string, unknown>>): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

export type Body = z.input<typeof machineBody> | z.input<typeof storageBody> | z.input<typeof networkBody>;

export function common(options: Options): Record<string, unknown> {
  const { name, label: labels } = options;
  return { pool: options['pool'], leaseSeconds: options['lease'], name, labels };
}

/** `22:10.0.0.0/8`, `8000-8080:10.0.0.0/8`, `5432:r-…` */
export function rulesOf(options: Options, option: 'allow' | 'add' | 'remove' = 'allow'): Rule[] {
  return ((options[option] as readonly string[] | undefined) ?? []).map((text) => {
    const match = /^(\d+)(?:-(\d+))?:(.+)$/.exec(text);
    if (!match?.[1] || !match[3])
      throw usageError(`--${option} ${text} is no rule`, 'give PORT:CIDR or PORT:REQUEST, e.g. 22:10.0.0.0/8');
    const ports = { fromPort: Number(match[1]), toPort: Number(match[2] ?? match[1]) };
    return match[3].includes('/') ? { ...ports, cidr: match[3] } : { ...ports, request: match[3] };
  });
}

export interface Rule {
  readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr?: string;
  readonly request?: string;
}
