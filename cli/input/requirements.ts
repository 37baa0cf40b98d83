// Requirements as options: lists for the common keys, and --require for every other.
import { Option } from 'commander';
import type { Command } from 'commander';
import type * as z from 'zod';
import type { requirements } from '../../lib/api/schemas/requirements.ts';
import { usageError } from '../errors.ts';
import { memoryMib } from '../text.ts';

type Body = z.input<typeof requirements>;
type Expression = NonNullable<Body['matchExpressions']>[number];

export interface RequirementOptions {
  readonly arch?: string[];
  readonly zone?: string[];
  readonly instanceType?: string[];
  readonly instanceFamily?: string[];
  readonly capacityType?: string[];
  readonly gpuName?: string[];
  readonly gpuMemory?: number;
  readonly require?: readonly Expression[];
  readonly bursty?: boolean;
}

const list = (text: string): string[] => text.split(',').map((one) => one.trim());

const signs = { '!=': 'NotIn', '=': 'In', '>': 'Gt', '<': 'Lt' } as const;

/** `KEY`, `!KEY`, `KEY=A,B`, `KEY!=A,B`, `KEY>N` or `KEY<N`. */
function expression(text: string, before: readonly Expression[] = []): readonly Expression[] {
  const [, not, key, sign, values = ''] = /^(!?)([A-Za-z]+)(?:(!=|=|>|<)(.+))?$/.exec(text.trim()) ?? [];
  if (key === undefined || (not === '!' && sign !== undefined)) {
    throw usageError(
      `--require ${JSON.stringify(text)} is not understood`,
      'write KEY=A,B (one of these), KEY!=A,B (none), KEY>N, KEY<N, KEY (it has one) or !KEY (it has none), e.g. '
        + '--require gpuMemoryMib>20000',
    );
  }
  // The server knows the keys, and says which is meant.
  const one =
    sign === undefined
      ? { key, operator: not === '!' ? 'DoesNotExist' : 'Exists', values: [] }
      : { key, operator: signs[sign as keyof typeof signs], values: list(values) };
  return [...before, one as Expression];
}

export function addRequirementOptions(command: Command): Command {
  return addHardwareOptions(
    command
      .option('--arch <list>', 'allowed: amd64, arm64; amd64 unless given, or only arm64 is there', list)
      .option('--zone <list>', 'allowed zones', list)
      .option('--instance-type <list>', 'allowed instance types', list)
      .option('--capacity-type <list>', 'allowed: spot, on-demand', list),
  );
}

/** Those that tasks and machines have under the same names. */
export function addHardwareOptions(command: Command): Command {
  return command
    .option('--instance-family <list>', 'allowed instance families, e.g. c7i,m7i', list)
    .option('--gpu-name <list>', "allowed GPU models, e.g. L4,T4; NVIDIA's unless given", list)
    .addOption(new Option('--gpu-memory <size>', 'least memory of each GPU, e.g. 20Gi').argParser(memoryMib))
    .addOption(
      new Option('--require <expression>', 'KEY=A,B, KEY!=A,B, KEY>N, KEY<N, KEY or !KEY; repeatable').argParser(
        expression,
      ),
    )
    .option('--bursty', 'little CPU but for bursts: burstable types count their list price');
}

/** `bursty` is a field beside the requirements. */
export function requirementsBody(options: RequirementOptions): Body {
  return {
    arch: options.arch as Body['arch'],
    zone: options.zone,
    instanceType: options.instanceType,
    instanceFamily: options.instanceFamily,
    capacityType: options.capacityType as Body['capacityType'],
    gpuName: options.gpuName,
    minGpuMemoryMib: options.gpuMemory,
    matchExpressions: options.require === undefined ? undefined : [...options.require],
  };
}
