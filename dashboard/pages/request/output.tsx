// What a task writes, while it writes: each look goes on where the last one ended.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import { ApiError, call, pathOf } from '../../app/api.ts';
import { nowMs } from '../../app/live.ts';
import { Empty, Panel } from '../../parts/basics.tsx';

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly next: string | null;
  readonly ended: boolean;
}

type Stream = 'stdout' | 'stderr';

interface Text {
  readonly stdout: string;
  readonly stderr: string;
  readonly next: string | null;
  readonly ended: boolean;
  readonly truncated: boolean;
}

/** So much of each stream is shown: `./bellows logs` has it all. */
const shownMax = 200_000;

interface OutputProps {
  readonly request: RequestView;
  readonly index: number;
}

export function Output({ request, index }: OutputProps): JSX.Element {
  const text = useSignal<Text | null>(null);
  const error = useSignal<ApiError | null>(null);
  const chosen = useSignal<Stream | null>(null);
  const isAsking = useRef(false);
  useEffect(() => {
    text.value = null;
    chosen.value = null;
    let isGone = false;
    const look = async (): Promise<void> => {
      const before = text.peek();
      if (isAsking.current || before?.ended === true || isGone) return;
      isAsking.current = true;
      try {
        const path = `/v1/requests/${request.id}/output`;
        const answer = await call<Answer>('GET', pathOf(path, { index, sinceBytes: before?.next ?? undefined }));
        if (!isGone) text.value = joined(before, answer);
        error.value = null;
      } catch (failure) {
        if (!(failure instanceof ApiError)) throw failure;
        error.value = failure;
      } finally {
        isAsking.current = false;
      }
    };
    const stop = nowMs.subscribe(() => void look());
    return () => {
      isGone = true;
      stop();
    };
  }, [request.id, index]);
  const stream = chosen.value ?? tellingOf(text.value);
  return (
    <Panel
      title={`Output of task ${String(index)}`}
      aside={
        <Streams
          text={text.value}
          stream={stream}
          choose={(name) => {
            chosen.value = name;
          }}
        />
      }
    >
      {error.value !== null && error.value.status !== 0 ? (
        <Empty>{error.value.message}</Empty>
      ) : (
        <Shown text={text.value} stream={stream} />
      )}
    </Panel>
  );
}

/** Where nothing else is wanted: what went wrong is told on stderr, and where there is nothing, stdout says so. */
function tellingOf(text: Text | null): Stream {
  return text !== null && text.stdout === '' && text.stderr !== '' ? 'stderr' : 'stdout';
}

/** The first look has the tail; each further one what came since, or all of another attempt. */
function joined(before: Text | null, answer: Answer): Text {
  const attemptOf = (next: string | null | undefined): string => next?.split(',')[0] ?? '';
  const isSame = before !== null && attemptOf(before.next) === attemptOf(answer.next);
  const cut = (old: string, more: string): string => (isSame ? old + more : more).slice(-shownMax);
  return {
    stdout: cut(before?.stdout ?? '', answer.stdout),
    stderr: cut(before?.stderr ?? '', answer.stderr),
    next: answer.next,
    ended: answer.ended,
    truncated: answer.truncated || (isSame && before.truncated),
  };
}

interface StreamsProps {
  readonly text: Text | null;
  readonly stream: Stream;
  readonly choose: (name: Stream) => void;
}

function Streams({ text, stream, choose }: StreamsProps): JSX.Element {
  return (
    <div class="choice" role="group" aria-label="Stream">
      {(['stdout', 'stderr'] as const).map((name) => (
        <button
          key={name}
          type="button"
          class="small"
          aria-pressed={stream === name}
          onClick={() => {
            choose(name);
          }}
        >
          {name}
          {text !== null && text[name] !== '' && name === 'stderr' ? ' •' : ''}
        </button>
      ))}
    </div>
  );
}

function Shown({ text, stream }: { readonly text: Text | null; readonly stream: Stream }): JSX.Element {
  const element = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  const shown = text?.[stream] ?? '';
  useEffect(() => {
    if (element.current !== null && follows.current) element.current.scrollTop = element.current.scrollHeight;
  }, [shown]);
  if (shown === '') return <Empty>{text?.ended === true ? 'It wrote nothing.' : 'Nothing yet.'}</Empty>;
  return (
    <pre
      ref={element}
      class="output"
      tabIndex={0}
      aria-label={stream}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollTop + clientHeight > scrollHeight - 20;
      }}
    >
      {shown}
    </pre>
  );
}
