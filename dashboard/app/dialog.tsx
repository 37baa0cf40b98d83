// Actions are confirmed in one dialog, which says what the server will do and what it answered.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from './api.ts';
import { refresh } from './live.ts';

export interface Action {
  readonly title: string;
  /** What will happen, in a sentence or two. */
  readonly text: string;
  readonly button: string;
  readonly isDangerous?: boolean;
  /** Answers what to say when it is done. */
  readonly run: () => Promise<string>;
}

const open = signal<Action | null>(null);
const isRunning = signal(false);
/** What the server said against it. */
const refusal = signal<string | null>(null);
/** The last thing that was done, for all to read. */
export const said = signal<string | null>(null);

export function confirmAction(action: Action): void {
  isRunning.value = false;
  refusal.value = null;
  open.value = action;
}

async function run(action: Action): Promise<void> {
  isRunning.value = true;
  refusal.value = null;
  try {
    const text = await action.run();
    open.value = null;
    said.value = text;
    setTimeout(() => {
      if (said.value === text) said.value = null;
    }, 6_000);
    refresh();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refusal.value = `${error.message} (${error.code})`;
  } finally {
    isRunning.value = false;
  }
}

export function Dialog(): JSX.Element | null {
  const element = useRef<HTMLDialogElement>(null);
  const action = open.value;
  useEffect(() => {
    if (action !== null) element.current?.showModal();
  }, [action]);
  if (action === null) return null;
  const close = (): void => {
    open.value = null;
  };
  return (
    <dialog ref={element} onClose={close} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{action.title}</h2>
      <p>{action.text}</p>
      {refusal.value !== null && (
        <p class="problem" role="alert">
          {refusal.value}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={close}>
          Close
        </button>
        <button
          type="button"
          class={action.isDangerous === true ? 'danger' : 'primary'}
          disabled={isRunning.value}
          onClick={() => void run(action)}
        >
          {isRunning.value ? 'Working…' : action.button}
        </button>
      </div>
    </dialog>
  );
}

export function Said(): JSX.Element {
  return (
    <div class="said" role="status" aria-live="polite">
      {said.value !== null && <p>{said.value}</p>}
    </div>
  );
}
