// What is shown of an output that is longer than what is kept of it: its end, and how much is missing.
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Context } from '../../../cli/context.ts';
import { followOutput, printOutput } from '../../../cli/printing/output.ts';
import { leftOutLine } from '../../../lib/core/values/output.ts';
import { outputSince } from '../../../lib/ports/outputs.ts';

/** Of stdout: the first four bytes and the last four, of twenty. */
const kept = {
  stdout: `head${leftOutLine(12)}tail`,
  stderr: '',
  isTruncated: true,
  leftOutBytes: { stdout: 12, stderr: 0 },
};

/** A server whose task has written it, and what the terminal shows. */
function terminal(): { context: Context; shown: string[]; since: string[] } {
  const shown: string[] = [];
  const since: string[] = [];
  const context = {
    isJson: false,
    say: (text: string) => shown.push(`say ${text}`),
    environment: {
      stdout: (text: string) => shown.push(text),
      stderr: (text: string) => shown.push(`err ${text}`),
      bytes: (_stream: string, bytes: Uint8Array) => shown.push(Buffer.from(bytes).toString()),
    },
    client: {
      server: '',
      call: async (_route: string, { query }: { query: { sinceBytes: string; encoding?: string } }) => {
        since.push(query.sinceBytes);
        const [, stdout = 0, stderr = 0] = query.sinceBytes.split(',').map(Number);
        const { output, next } = outputSince(kept, { attempt: 2, stdout, stderr }, false);
        const { stdout: bytes } = output.bytes;
        const text = query.encoding === 'base64' ? Buffer.from(bytes).toString('base64') : output.stdout;
        const end = [next.attempt, next.stdout, next.stderr].join(',');
        return { ...output, truncated: output.isTruncated, stdout: text, next: end, ended: true };
      },
    },
  };
  return { context: context as unknown as Context, shown, since };
}

function streamOf(text: string): { bytes: number; sha256: string; url: string } {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { bytes: text.length, sha256, url: `data:text/plain,${text}` };
}

const eight = 'say 8 bytes of stdout behind the first 8 bytes left out';

test.each([
  ['a gap', 'head-and', false, [eight, 'head-and', `${leftOutLine(8)}tail`]],
  ['a gap, as bytes', 'head-and', true, [eight, 'head-and', 'tail']],
  ['no gap', 'head-and-others-ta', false, ['head-and-others-ta', 'il']],
])('behind what is kept whole comes the end: %s', async (_what, first, isRaw, expected) => {
  const { context, shown, since } = terminal();
  const leftOutBytes = { stdout: 20 - first.length, stderr: 0 };
  const whole = { stdout: streamOf(first), stderr: streamOf(''), leftOutBytes };
  const output = { ...kept, truncated: true, next: '2,20,0', ended: true, whole };
  await printOutput(context, { id: 'r', index: undefined }, output, { tailBytes: 2 ** 20, isRaw });
  expect(since).toEqual([`2,${String(first.length)},0`]);
  expect(shown.filter((one) => one !== '' && one !== 'err ')).toEqual(expected);
});

test('--follow with --tail begins with the end of what is there', async () => {
  const shown: string[] = [];
  const queries: object[] = [];
  const answers = [
    { stdout: 'tail', next: '1,20,0', ended: false },
    { stdout: 'more', next: '1,24,0', ended: true },
  ];
  const context = {
    isJson: false,
    say: (text: string) => shown.push(`say ${text}`),
    environment: { stdout: (text: string) => shown.push(text), sleep: async () => {} },
    client: {
      call: async (_route: string, { query }: { query: object }) => {
        queries.push(query);
        return { stderr: '', truncated: true, leftOutBytes: { stdout: 16, stderr: 0 }, ...answers[queries.length - 1] };
      },
    },
  };
  const wish = { index: undefined, tailBytes: 4, isRaw: false };
  await followOutput(context as unknown as Context, 'r', wish);
  expect(queries).toEqual([{ tailBytes: 4 }, { sinceBytes: '1,20,0' }]);
  expect(shown).toEqual(['tail', 'more']);
});

test('bytes as they come have no line for a gap: it is said', async () => {
  const gap = 'say 12 bytes of stdout left out: the first and the last 128 KiB of a stream are kept';
  for (const [isRaw, expected] of [
    [true, [gap, 'headtail']],
    [false, [kept.stdout]],
  ] as const) {
    const { context, shown } = terminal();
    await followOutput(context, 'r', { index: undefined, tailBytes: undefined, isRaw });
    expect(shown).toEqual(expected);
  }
});
