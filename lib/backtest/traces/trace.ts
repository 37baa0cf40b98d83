// A trace: who asked for how much compute, when, and for how long it was used. Whatever format it was read from, a
// back-test sees it in this form; lines that could not be read are counted and named, never left out in silence.
import type { CapacityType } from '../../core/values/offering.ts';
import type { Requirements } from '../../core/values/requirements.ts';
import type { Resources } from '../../core/values/resources.ts';

/** `count` identical tasks that were asked for at one time. */
export interface TraceTask {
  /** Line of the file, from 1. */
  readonly line: number;
  /** Since the start of the trace. */
  readonly submitMs: number;
  /** What each of them runs for, wherever it runs. */
  readonly durationMs: number;
  readonly resources: Resources;
  /** The most that it used of them; null: the trace does not say. */
  readonly used: Resources | null;
  readonly count: number;
  /** null: the variant's pool. */
  readonly pool: string | null;
  readonly tenant: string;
  /** `key=value`, for figures by label. */
  readonly labels: readonly string[];
  readonly priority: number;
  /** After the submission; null: none. */
  readonly deadlineMs: number | null;
  readonly requirements: Requirements;
  readonly name: string | null;
  /** Tasks of one group may be kept together or apart; for figures only. */
  readonly group: string | null;
  /** Where it ran at the time; null: the trace does not say. */
  readonly ran: RecordedNode | null;
  /** It may be stopped, and begins anew, or goes on where it last saved; absent: it runs until it ends. */
  readonly disruption?: 'restart' | 'checkpoint';
}

export interface RecordedNode {
  readonly node: string;
  readonly instanceType: string;
  /** '' where the trace does not say. */
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** null: the list price. */
  readonly usdPerHour: number | null;
  /** null: at once. */
  readonly startMs: number | null;
}

export interface WrongLine {
  readonly line: number;
  readonly reason: string;
}

/** What positions in a file count. */
export type TraceUnit = 'line' | 'item' | 'value';

export interface Trace {
  /** By submission, then by line. */
  readonly tasks: readonly TraceTask[];
  /** What `lines`, and `line` of what is wrong or refused, count: in JSON jobs, or values of a metric. */
  readonly unit: TraceUnit;
  readonly lines: number;
  /** The first {@link traceBounds.wrongShown} of them; `wrongCount` counts all. */
  readonly wrong: readonly WrongLine[];
  readonly wrongCount: number;
  /** Lines that are no tasks by their format: comments, job steps, parents of arrays. */
  readonly passedOver: number;
}

/** What one back-test takes. Each is checked where it is read, with a message that names the bound. */
export const traceBounds = {
  fileBytes: 1024 * 1024 * 1024,
  lines: 2_000_000,
  /** Arrays counted by their tasks. */
  tasks: 2_000_000,
  wrongShown: 20,
  cellLength: 4_096,
  /** Ten years: later than that it is a time since 1970 or a unit that was mistaken. */
  submitMs: 10 * 366 * 24 * 3_600_000,
} as const;

/** One line is wrong; the others are read. */
export class LineError extends Error {
  /** Where it is, if not where the reader is. */
  readonly line: number | null;

  constructor(message: string, line: number | null = null) {
    super(message);
    this.line = line;
  }
}

/** A trace cannot be used at all. */
export class TraceError extends Error {}

/** Collects what a reader finds, line by line. */
export class TraceBuilder {
  readonly #tasks: TraceTask[] = [];
  readonly #wrong: WrongLine[] = [];
  #wrongCount = 0;
  #passedOver = 0;
  #lines = 0;
  #count = 0;
  readonly #unit: TraceUnit;

  constructor(unit: TraceUnit = 'line') {
    this.#unit = unit;
  }

  /** @throws TraceError beyond the bound */
  line(): number {
    this.#lines += 1;
    if (this.#lines > traceBounds.lines)
      throw new TraceError(`the trace has more than ${String(traceBounds.lines)} lines; cut it with --from and --to`);
    return this.#lines;
  }

  add(task: TraceTask): void {
    this.#count += task.count;
    if (this.#count > traceBounds.tasks)
      throw new TraceError(`the trace has more than ${String(traceBounds.tasks)} tasks`);
    this.#tasks.push(task);
  }

  passOver(): void {
    this.#passedOver += 1;
  }

  wrong(line: number, reason: string): void {
    this.#wrongCount += 1;
    if (this.#wrong.length < traceBounds.wrongShown) this.#wrong.push({ line, reason });
  }

  /** `lines`: of the file, where these are not what was read one by one. @throws TraceError without a single task */
  build(lines = this.#lines): Trace {
    const [first] = this.#wrong;
    if (this.#tasks.length === 0)
      throw new TraceError(
        `the trace has no task that can be read (${String(lines)} ${this.#unit}s`
          + (first === undefined
            ? ')'
            : `, ${String(this.#wrongCount)} wrong; ${this.#unit} ${String(first.line)}: ${first.reason})`),
      );
    const tasks = this.#tasks.sort((a, b) => a.submitMs - b.submitMs || a.line - b.line);
    return {
      tasks,
      unit: this.#unit,
      lines,
      wrong: this.#wrong,
      wrongCount: this.#wrongCount,
      passedOver: this.#passedOver,
    };
  }
}
