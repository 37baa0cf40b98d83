// Which offerings a task, a machine or a pool accepts. A plain list holds allowed values; an expression is a key, an
// operator and values, as Kubernetes' node affinity has them. All must be met; an absent key allows all. Values are in
// lower case, with `-` for blanks, as the catalog has them (the API makes them so).
import { notGenericText, whyNotGeneric } from './eligibility.ts';
import type { NotGeneric } from './eligibility.ts';
import type { InstanceType, Offering } from './offering.ts';

export const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
export type Operator = (typeof operators)[number];

/** What is compared: its type, zone and capacity type. */
type Candidate = Pick<Offering, 'type' | 'zone' | 'capacityType' | 'isForBursts' | 'isOfEarlierAgent'>;

/** null: there is no such thing on this type, e.g. no GPU. */
type Fact = string | number | boolean | null;

/** Every key of expressions, and what it says of an offering. A key is of one kind: text, number or truth value. */
const facts = {
  arch: (one) => one.type.arch,
  bareMetal: (one) => one.type.isBareMetal,
  burstable: (one) => one.type.isBurstable,
  capacityType: (one) => one.capacityType,
  cpuManufacturer: (one) => one.type.cpuManufacturer,
  currentGeneration: (one) => one.type.isCurrentGeneration,
  acceleratorCount: (one) => one.type.accelerator?.count ?? 0,
  acceleratorManufacturer: (one) => one.type.accelerator?.manufacturer ?? null,
  acceleratorName: (one) => one.type.accelerator?.name ?? null,
  gpuCount: (one) => one.type.gpu,
  gpuManufacturer: (one) => one.type.gpuManufacturer,
  gpuMemoryMib: (one) => one.type.gpuMemoryMib,
  gpuName: (one) => one.type.gpuName,
  hypervisor: (one) => one.type.hypervisor,
  instanceCategory: (one) => one.type.category,
  instanceFamily: (one) => one.type.family,
  instanceGeneration: (one) => one.type.generation,
  instanceSize: (one) => one.type.size,
  instanceType: (one) => one.type.name,
  localDiskGib: (one) => one.type.localDiskGib,
  memoryMib: (one) => one.type.memoryMib,
  networkMbps: (one) => one.type.networkMbps,
  vcpu: (one) => one.type.vcpu,
  zone: (one) => one.zone,
} as const satisfies Readonly<Record<string, (one: Candidate) => Fact>>;

export type FactKey = keyof typeof facts;
export const factKeys = Object.keys(facts).sort() as readonly FactKey[];

const numberKeys: ReadonlySet<FactKey> = new Set<FactKey>([
  'acceleratorCount',
  'gpuCount',
  'gpuMemoryMib',
  'instanceGeneration',
  'localDiskGib',
  'memoryMib',
  'networkMbps',
  'vcpu',
]);
const truthKeys: ReadonlySet<FactKey> = new Set<FactKey>(['bareMetal', 'burstable', 'currentGeneration']);

export function kindOfKey(key: FactKey): 'text' | 'number' | 'truth' {
  if (numberKeys.has(key)) return 'number';
  return truthKeys.has(key) ? 'truth' : 'text';
}

/** `values`: at least one for In and NotIn, exactly one number for Gt and Lt, none for Exists and DoesNotExist. */
export interface MatchExpression {
  readonly key: FactKey;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export interface Requirements {
  readonly instanceCategory?: readonly string[];
  readonly instanceFamily?: readonly string[];
  readonly instanceType?: readonly string[];
  readonly arch?: readonly string[];
  readonly zone?: readonly string[];
  readonly capacityType?: readonly string[];
  readonly cpuManufacturer?: readonly string[];
  readonly hypervisor?: readonly string[];
  readonly gpuManufacturer?: readonly string[];
  readonly gpuName?: readonly string[];
  readonly burstable?: boolean;
  readonly bareMetal?: boolean;
  /** Smallest instance generation allowed, e.g. 6 for c6i and newer. */
  readonly minInstanceGeneration?: number;
  /** Of each GPU. */
  readonly minGpuMemoryMib?: number;
  /** NVMe instance store of the whole instance. */
  readonly minLocalDiskGib?: number;
  /** Baseline bandwidth of the whole instance; a type without a known one does not meet it. */
  readonly minNetworkGbps?: number;
  readonly matchExpressions?: readonly MatchExpression[];
  /** It uses little CPU but for bursts: it may have what is priced for that (see allocation/credits.ts). */
  readonly bursty?: true;
  /** Set while a plan is made: no node whose agent is of a version before will do (see tasks/capacity/agents.ts). */
  readonly currentAgent?: true;
}

const listKeys = [
  'instanceCategory',
  'instanceFamily',
  'instanceType',
  'arch',
  'zone',
  'capacityType',
  'cpuManufacturer',
  'hypervisor',
  'gpuManufacturer',
  'gpuName',
] as const;
const flagKeys = ['burstable', 'bareMetal'] as const;
const leastKeys = ['minInstanceGeneration', 'minGpuMemoryMib', 'minLocalDiskGib', 'minNetworkGbps'] as const;

/** What people may ask. */
export type RequirementKey = Exclude<keyof Requirements, 'currentAgent'>;

export const requirementKeys: readonly RequirementKey[] = [
  ...listKeys,
  ...flagKeys,
  ...leastKeys,
  'matchExpressions',
  'bursty',
];

/** Of what `minX` is the least value. */
const leastOf: Readonly<Record<(typeof leastKeys)[number], (one: Candidate) => number | null>> = {
  minInstanceGeneration: (one) => one.type.generation,
  minGpuMemoryMib: (one) => one.type.gpuMemoryMib,
  minLocalDiskGib: (one) => one.type.localDiskGib,
  minNetworkGbps: (one) => (one.type.networkMbps ?? 0) / 1000,
};

/**
 * The first requirement that `offering` does not meet, in the order of {@link requirementKeys}; null if it
 * meets all. Expressions as their text.
 */
export function unmetRequirement(requirements: Requirements, offering: Candidate): string | null {
  if (offering.isForBursts === true && requirements.bursty !== true) return 'bursty';
  if (offering.isOfEarlierAgent === true && requirements.currentAgent === true) return 'currentAgent';
  for (const key of listKeys) {
    const allowed = requirements[key];
    if (allowed !== undefined && !allowed.includes(facts[key](offering) ?? '')) return key;
  }
  for (const key of flagKeys)
    if (requirements[key] !== undefined && facts[key](offering) !== requirements[key]) return key;
  for (const key of leastKeys) {
    const least = requirements[key];
    if (least !== undefined && (leastOf[key](offering) ?? 0) < least) return key;
  }
  for (const expression of requirements.matchExpressions ?? [])
    if (!isMet(expression, offering)) return expressionText(expression);
  return null;
}

/** All of them, in the same order. */
export function unmetRequirements(requirements: Requirements, offering: Candidate): readonly string[] {
  if (unmetRequirement(requirements, offering) === null) return [];
  const { matchExpressions = [] } = requirements;
  return [
    ...(offering.isForBursts === true && requirements.bursty !== true ? ['bursty'] : []),
    ...requirementKeys.filter(
      (key) =>
        key !== 'matchExpressions'
        && key !== 'bursty'
        && requirements[key] !== undefined
        && unmetRequirement({ [key]: requirements[key], bursty: true }, offering) !== null,
    ),
    ...matchExpressions.filter((one) => !isMet(one, offering)).map(expressionText),
  ];
}

/** As people write it, e.g. `gpuMemoryMib Gt 20000`. */
export function expressionText({ key, operator, values }: MatchExpression): string {
  return [key, operator, values.join(',')].join(' ').trim();
}

function isMet({ key, operator, values }: MatchExpression, offering: Candidate): boolean {
  const fact: Fact = facts[key](offering);
  const isThere = fact !== null && fact !== false && fact !== 0;
  switch (operator) {
    case 'In':
      return fact !== null && isAmong(fact, values);
    case 'NotIn':
      return fact === null || !isAmong(fact, values);
    case 'Exists':
      return isThere;
    case 'DoesNotExist':
      return !isThere;
    case 'Gt':
      return typeof fact === 'number' && fact > Number(values[0]);
    case 'Lt':
      return typeof fact === 'number' && fact < Number(values[0]);
  }
}

function isAmong(fact: string | number | boolean, values: readonly string[]): boolean {
  return typeof fact === 'number' ? values.some((value) => Number(value) === fact) : values.includes(String(fact));
}

/** What of the zone alone stands against it: true if anything else may decide. */
export function allowsZone(requirements: Requirements, zone: string): boolean {
  if (requirements.zone?.includes(zone) === false) return false;
  return (
    requirements.matchExpressions?.every(({ key, operator, values }) => {
      if (key !== 'zone') return true;
      if (operator === 'DoesNotExist') return false;
      return operator === 'Exists' || values.includes(zone) === (operator === 'In');
    }) ?? true
  );
}

/** Whether a plain key or an expression says anything about it. */
export function says(requirements: Requirements, key: FactKey): boolean {
  return (
    (requirements as Readonly<Record<string, unknown>>)[key] !== undefined
    || (requirements.matchExpressions?.some((one) => one.key === key) ?? false)
  );
}

/** Whether a list, or an expression with In, has the value. */
function names(
  requirements: Requirements,
  key: 'instanceCategory' | 'instanceFamily' | 'instanceType',
  value: string,
): boolean {
  if (requirements[key]?.includes(value)) return true;
  return (
    requirements.matchExpressions?.some((one) => one.key === key && one.operator === 'In' && one.values.includes(value))
    ?? false
  );
}

/** Whether the key's value is demanded, not only allowed: by the plain key or by an expression. */
function demands(requirements: Requirements, key: 'bareMetal' | 'currentGeneration', value: boolean): boolean {
  if (key === 'bareMetal' && requirements.bareMetal === value) return true;
  return (
    requirements.matchExpressions?.some((one) => {
      if (one.key !== key) return false;
      if (one.operator === 'In') return one.values.includes(String(value));
      if (one.operator === 'NotIn') return one.values.includes(String(!value));
      return (one.operator === 'Exists') === value;
    }) ?? false
  );
}

/**
 * Why a pool leaves the type out though its requirements allow it: what is not bought unnamed, and not named;
 * null: it may buy it.
 */
function leftOutFor(requirements: Requirements, type: InstanceType): NotGeneric | null {
  const reasons = whyNotGeneric(type);
  if (
    reasons.length === 0
    || names(requirements, 'instanceType', type.name)
    || names(requirements, 'instanceFamily', type.family)
  )
    return null;
  return reasons.find((reason) => !isNamed(requirements, type, reason)) ?? null;
}

/** Whether the requirements name the very thing that sets the type apart. */
function isNamed(requirements: Requirements, type: InstanceType, reason: NotGeneric): boolean {
  switch (reason) {
    case 'bare-metal':
      return demands(requirements, 'bareMetal', true);
    case 'previous-generation':
      return demands(requirements, 'currentGeneration', false);
    case 'hpc':
    case 'high-memory':
    case 'mac':
    case 'accelerator':
      return names(requirements, 'instanceCategory', type.category);
    case 'does-not-boot':
      return false;
  }
}

/**
 * Like {@link unmetRequirement}, for what a pool may buy: types that are not generic (see
 * values/eligibility.ts) are offerings of a pool only where its requirements name them, by type, by family, or
 * by the very thing that sets them apart.
 */
export function unmetOfPool(requirements: Requirements, offering: Candidate): string | null {
  return unmetRequirement(requirements, offering) ?? leftOutFor(requirements, offering.type);
}

/**
 * The types that the requirements allow as such: of others, what the requirements say is the reason
 * that they are left out.
 */
export function typesMeeting(requirements: Requirements, offerings: Iterable<Candidate>): ReadonlySet<InstanceType> {
  return new Set([...offerings].filter((one) => unmetRequirement(requirements, one) === null).map((one) => one.type));
}

/** Why a pool leaves out each type that a task names; empty where it leaves out none for that reason. One sentence. */
export function namedButLeftOut(task: Requirements, pool: Requirements, types: Iterable<InstanceType>): string {
  const left = new Map<NotGeneric, string[]>();
  const named = [...types].filter(
    (type) => names(task, 'instanceType', type.name) || names(task, 'instanceFamily', type.family),
  );
  const offered = new Set(named.filter((type) => leftOutFor(pool, type) === null).map((type) => type.family));
  for (const type of named) {
    const reason = leftOutFor(pool, type);
    // Of a family that is offered in other sizes it is the size, not the family.
    const isSize = names(task, 'instanceType', type.name) || offered.has(type.family);
    if (reason !== null) left.set(reason, [...(left.get(reason) ?? []), isSize ? type.name : type.family]);
  }
  return [...left]
    .map(
      ([reason, all]) =>
        `${[...new Set(all)].slice(0, 5).join(', ')}: ${notGenericText[reason]}, so a pool offers it only where `
        + "the pool's own requirements name it",
    )
    .join('; ');
}

/** Both must hold: lists keep what both allow, least values the larger one. */
export function intersect(a: Requirements, b: Requirements): Requirements {
  const both: Record<string, unknown> = { ...a };
  for (const key of listKeys)
    if (b[key] !== undefined) both[key] = a[key]?.filter((one) => b[key]?.includes(one)) ?? b[key];
  for (const key of leastKeys) if (b[key] !== undefined) both[key] = Math.max(a[key] ?? 0, b[key]);
  const expressions = [...(a.matchExpressions ?? []), ...(b.matchExpressions ?? [])];
  for (const key of flagKeys) {
    if (b[key] === undefined) continue;
    both[key] = b[key];
    // Nothing is both: the other wish stays beside it, as an expression.
    if (a[key] !== undefined && a[key] !== b[key]) expressions.push({ key, operator: 'In', values: [String(a[key])] });
  }
  if (expressions.length > 0) both['matchExpressions'] = expressions;
  if (b.bursty) both['bursty'] = true;
  if (b.currentAgent) both['currentAgent'] = true;
  return both;
}

/** A canonical text of the requirements: equal texts accept the same offerings. */
export function requirementsKey(requirements: Requirements): string {
  const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort();
  const lists = listKeys.flatMap((key) =>
    requirements[key] === undefined ? [] : [`${key}=${sorted(requirements[key]).join(',')}`],
  );
  const others = [...flagKeys, ...leastKeys].flatMap((key) =>
    requirements[key] === undefined ? [] : [`${key}=${String(requirements[key])}`],
  );
  const expressions =
    requirements.matchExpressions?.map((one) => expressionText({ ...one, values: sorted(one.values) })) ?? [];
  const flags = [...(requirements.bursty ? ['bursty'] : []), ...(requirements.currentAgent ? ['currentAgent'] : [])];
  return [...lists, ...others, ...sorted(expressions), ...flags].join(';');
}
