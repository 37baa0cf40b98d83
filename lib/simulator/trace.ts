// What happened in a run, line by line: a hash over all lines (two runs of one seed must agree), and the last
// few thousand lines for the story of a failure.

export interface TraceLine {
  readonly atMs: number;
  readonly actor: string;
  readonly text: string;
}

const keptLines = 6_000;

export class Trace {
  readonly #ring: TraceLine[] = [];
  #next = 0;
  #high = 0x811c9dc5 | 0;
  #low = 0x01234567 | 0;
  lines = 0;
  /** Called with every line; for full traces. */
  readonly #listener: ((line: TraceLine) => void) | null;

  constructor(listener: ((line: TraceLine) => void) | null = null) {
    this.#listener = listener;
  }

  write(atMs: number, actor: string, text: string): void {
    const line = { atMs, actor, text };
    this.#hash(actor);
    this.#hash(text);
    this.#high = Math.imul(this.#high ^ (atMs * 1000), 0x01000193);
    if (this.#ring.length < keptLines) this.#ring.push(line);
    else this.#ring[this.#next] = line;
    this.#next = (this.#next + 1) % keptLines;
    this.lines += 1;
    this.#listener?.(line);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** The last `count` kept lines that name one of the subjects (all lines when there are none), oldest first. */
  story(subjects: readonly string[], count: number): readonly TraceLine[] {
    const inOrder =
      this.lines > keptLines ? [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)] : this.#ring;
    const isAbout = (line: TraceLine): boolean =>
      subjects.length === 0 || subjects.some((subject) => line.text.includes(subject) || line.actor.includes(subject));
    return inOrder.filter(isAbout).slice(-count);
  }

  #hash(text: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low + unit, 0x5bd1e995) ^ (low >>> 15);
    }
    this.#high = high;
    this.#low = low;
  }
}

export function formatLine(line: TraceLine): string {
  const seconds = Math.floor(line.atMs / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const millis = String(Math.floor(line.atMs) % 1000).padStart(3, '0');
  return `${clock}.${millis}  ${line.actor.padEnd(14)} ${line.text}`;
}
