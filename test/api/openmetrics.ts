// A strict reader of OpenMetrics text for tests, by the rules of its specification that our output has to keep.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: Sample[];
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: ['_total'],
  histogram: ['_bucket'],
};
const sampleLine = /^([a-z_][a-z0-9_]*)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (\S+)$/;

/** @throws Error naming the line that breaks a rule */
export function readOpenMetrics(text: string): ReadonlyMap<string, Family> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== '# EOF') throw new Error('does not end with "# EOF" and a line feed');
  const families = new Map<string, Family>();
  let open: Family | undefined;
  for (const line of lines) {
    const [, kind, name = '', rest = ''] = /^# (TYPE|UNIT|HELP) ([a-z_][a-z0-9_]*) (.+)$/.exec(line) ?? [];
    if (kind === undefined) {
      if (open === undefined) throw new Error(`a sample without a family: ${line}`);
      open.samples.push(sampleOf(open, line));
    } else if (kind === 'TYPE') {
      if (families.has(name)) throw new Error(`the family ${name} is there twice, or interleaved`);
      if (suffixes[rest] === undefined) throw new Error(`no type that this reader knows: ${line}`);
      open = { name, type: rest, samples: [] };
      families.set(name, open);
    } else {
      if (open?.name !== name || open.samples.length > 0) throw new Error(`not at the head of its family: ${line}`);
      if (kind === 'UNIT' && !name.endsWith(`_${rest}`))
        throw new Error(`the name does not end with its unit: ${line}`);
    }
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function sampleOf(family: Family, line: string): Sample {
  const [, name, inner = '', number] = sampleLine.exec(line) ?? [];
  if (name === undefined || number === undefined) throw new Error(`not a sample: ${line}`);
  if (!(suffixes[family.type] ?? []).some((suffix) => name === family.name + suffix))
    throw new Error(`not a sample of ${family.name} (${family.type}): ${line}`);
  const pairs = [...inner.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [
    label,
    value,
  ]);
  const labels = Object.fromEntries(pairs) as Record<string, string>;
  if (Object.keys(labels).length !== pairs.length) throw new Error(`a label is there twice: ${line}`);
  const value = Number(number);
  if (!Number.isFinite(value)) throw new Error(`not a number: ${line}`);
  if (family.type !== 'gauge' && value < 0) throw new Error(`below zero: ${line}`);
  return { name, labels, value };
}

function checkFamily({ name, type, samples }: Family): void {
  const seen = samples.map((one) => JSON.stringify([one.name, Object.entries(one.labels).sort()]));
  if (new Set(seen).size !== seen.length) throw new Error(`two samples of ${name} have the same labels`);
  if (type !== 'histogram') return;
  const groups = Map.groupBy(samples, ({ labels: { le: _le, ...others } }) => JSON.stringify(others));
  for (const buckets of groups.values()) {
    const edges = buckets.map(({ labels: { le = '' } }) => (le === '+Inf' ? Infinity : Number(le)));
    const rises = (values: readonly number[], by: (a: number, b: number) => boolean): boolean =>
      values.every((value, at) => at === 0 || by(values[at - 1] ?? NaN, value));
    if (edges.at(-1) !== Infinity || !rises(edges, (a, b) => a < b))
      throw new Error(`edges of ${name}: ${edges.join()}`);
    const counts = buckets.map((one) => one.value);
    if (!rises(counts, (a, b) => a <= b)) throw new Error(`counts of ${name} fall: ${counts.join()}`);
    if (buckets.some(({ labels }) => labels['le'] !== '+Inf' && !labels['le']?.includes('.')))
      throw new Error(`an edge of ${name} is no float`);
  }
}
