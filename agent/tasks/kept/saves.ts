// What a task that bears a checkpoint says of itself: it writes "saved" into a file whenever its work is saved. A file
// that was written anew since the last look is a new save, whatever times it has.
import { fstatSync } from 'node:fs';
import { readRange, withFile } from '../task-files.ts';

/** In the task's own folder; BELLOWS_CHECKPOINT_FILE has its path. */
export const saveFile = '.bellows-saved';
const word = 'saved';
/** The word and the end of a line. */
const bytesMax = word.length + 2;
const lookEveryMs = 200;

export interface Save {
  /** By the clock of the machine. */
  readonly atMs: number;
  /** It was seen after the task had been asked for it. */
  readonly isAsked: boolean;
}

interface Watched {
  readonly file: string;
  /** Of the last save that was seen; null: there was none. */
  mark: string | null;
  isAsked: boolean;
}

export class SaveWatcher {
  readonly #onSaved: (attemptId: string, save: Save) => void;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;

  constructor(onSaved: (attemptId: string, save: Save) => void) {
    this.#onSaved = onSaved;
  }

  watch(attemptId: string, file: string): void {
    this.#watched.set(attemptId, { file, mark: null, isAsked: false });
    this.#timer ??= setInterval(() => {
      for (const [id, one] of this.#watched) this.#look(id, one);
    }, lookEveryMs);
  }

  /** From here on a save is an answer. One that was not seen yet is reported a moment later, and is none. */
  ask(attemptId: string): void {
    const one = this.#watched.get(attemptId);
    if (one === undefined || one.isAsked) return;
    const save = newSave(one);
    one.isAsked = true;
    if (save !== null)
      queueMicrotask(() => {
        this.#onSaved(attemptId, save);
      });
  }

  forget(attemptId: string): void {
    this.#watched.delete(attemptId);
    if (this.#watched.size === 0) this.stop();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(attemptId: string, one: Watched): void {
    const save = newSave(one);
    if (save !== null) this.#onSaved(attemptId, save);
  }
}

/** null: none since the last look. */
function newSave(one: Watched): Save | null {
  const seen = withFile(one.file, 'read', (fd, size) => {
    if (size > bytesMax || readRange(fd, 0, size).toString('utf8').trim() !== word) return null;
    const { ino, mtimeNs, ctimeNs, mtimeMs } = fstatSync(fd, { bigint: true });
    return { mark: `${String(ino)} ${String(mtimeNs)} ${String(ctimeNs)}`, atMs: Number(mtimeMs) };
  });
  if (seen === null || seen.mark === one.mark) return null;
  one.mark = seen.mark;
  const nowMs = Date.now();
  // A task may set the time of its file to what cannot be.
  return { atMs: seen.atMs >= 0 && seen.atMs <= nowMs ? seen.atMs : nowMs, isAsked: one.isAsked };
}
