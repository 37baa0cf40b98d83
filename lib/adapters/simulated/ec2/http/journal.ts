// Every call that came in, for tests to ask about: the last ones in full, all of them by count.

export interface JournalEntry {
  readonly at: string;
  readonly accountId: string;
  readonly region: string;
  readonly action: string;
  /** `OK` or EC2's error code; `dropped` where a fault swallowed the call or its answer. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly requestId: string;
  /** The call's parameters as they came, without credentials. */
  readonly parameters: string;
}

const entriesMax = 10_000;
/** Characters of a call's parameters that are kept. */
const parametersMax = 1000;

export class Journal {
  private entries: JournalEntry[] = [];
  private counts = new Map<string, number>();

  add(entry: JournalEntry): void {
    const { parameters } = entry;
    const isLong = parameters.length > parametersMax;
    this.entries.push(isLong ? { ...entry, parameters: `${parameters.slice(0, parametersMax)}…` } : entry);
    if (this.entries.length > entriesMax) this.entries = this.entries.slice(-entriesMax / 2);
    const key = `${entry.action} ${entry.outcome}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** By action, then by outcome. */
  countsByAction(): Record<string, Record<string, number>> {
    const counts: Record<string, Record<string, number>> = {};
    for (const [key, count] of this.counts) {
      const [action = '', outcome = ''] = key.split(' ');
      counts[action] = { ...counts[action], [outcome]: count };
    }
    return counts;
  }

  list(action: string | null, limit: number): readonly JournalEntry[] {
    return this.entries.filter((entry) => action === null || entry.action === action).slice(-limit);
  }

  clear(): void {
    this.entries = [];
    this.counts = new Map();
  }
}
