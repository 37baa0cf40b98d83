// Bounded output: what is kept of streams that are too long, also while the task goes on writing.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  outputMark,
  readOutput,
  trimAboveBytes,
  trimOutput,
  wantWhole,
  wholeBytesOf,
  wholeOutput,
} from '../../../agent/tasks/kept/output.ts';
import { bytesOfText, leftOutLine, textOfBytes } from '../../../lib/core/values/output.ts';
import { agentLimits } from '../../../lib/api/limits.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-output-'));
  writeFileSync(join(dir, 'stdout'), '');
  writeFileSync(join(dir, 'stderr'), '');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const max = agentLimits.outputBytesPerStream;
const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test('short output is kept as it is', () => {
  writeFileSync(join(dir, 'stdout'), 'grüße\n');
  expect(readOutput(dir)).toEqual({ stdout: 'grüße\n', stderr: '', truncated: false });
});

test('long output keeps head and tail, whole characters, and says how much is missing', () => {
  const text = `first ${'ü'.repeat(400_000)} last`;
  writeFileSync(join(dir, 'stdout'), text);
  const { stdout, truncated, leftOutBytes } = readOutput(dir);
  expect(truncated).toBe(true);
  expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(max);
  expect(stdout).toMatch(/^first ü+\n\[… \d+ bytes left out …\]\nü+ last$/);
  expect(leftOutBytes?.stdout).toBe(
    Buffer.byteLength(text) - Buffer.byteLength(stdout.replace(leftOutLine(leftOutBytes?.stdout ?? 0), '')),
  );
});

test.each(['a', 'ü', '…', '\u{1F980}'])('characters of any length are not split: %s', (character) => {
  for (const shift of ['', 'x', 'xy', 'xyz']) {
    const text = `${shift}${character.repeat(Math.ceil(600_000 / Buffer.byteLength(character)))}`;
    writeFileSync(join(dir, 'stdout'), text);
    const { stdout, leftOutBytes } = readOutput(dir);
    expect(stdout.includes('\ufffd')).toBe(false);
    const kept = Buffer.byteLength(stdout.replace(leftOutLine(leftOutBytes?.stdout ?? 0), ''));
    expect(kept + (leftOutBytes?.stdout ?? 0)).toBe(Buffer.byteLength(text));
    expect(kept).toBeGreaterThan(max - 140);
  }
});

test('of bytes that are no text those are counted that were written', () => {
  writeFileSync(join(dir, 'stdout'), Buffer.alloc(1_000_000, 0x80));
  const { stdout, leftOutBytes } = readOutput(dir);
  const shown = stdout.split('').filter((one) => one === '\udc80').length;
  expect(shown + (leftOutBytes?.stdout ?? 0)).toBe(1_000_000);
});

test('bytes of every value are kept as they are, also where a character is cut at the end of what was written', () => {
  const half = Buffer.from('€').subarray(0, 2);
  writeFileSync(join(dir, 'stdout'), Buffer.concat([all, half]));
  const first = readOutput(dir).stdout;
  expect(Buffer.from(bytesOfText(first)).equals(Buffer.concat([all, half]))).toBe(true);
  appendFileSync(join(dir, 'stdout'), Buffer.from('€').subarray(2));
  expect(readOutput(dir).stdout.endsWith('€')).toBe(true);
});

test('of a long stream of any bytes, head and tail are its first and its last', () => {
  const long = Buffer.from(Array.from({ length: 600_000 }, (_, n) => (n * 7 + (n >> 8)) & 0xff));
  for (const cut of [long, Buffer.concat([Buffer.from('x'), Buffer.from('€'.repeat(200_000))])]) {
    writeFileSync(join(dir, 'stdout'), cut);
    const { stdout, leftOutBytes } = readOutput(dir);
    const [head, tail] = stdout.split(leftOutLine(leftOutBytes?.stdout ?? 0)).map((part) => bytesOfText(part));
    expect(cut.subarray(0, head?.length).equals(head ?? all)).toBe(true);
    expect(cut.subarray(cut.length - (tail?.length ?? 0)).equals(tail ?? all)).toBe(true);
    expect((head?.length ?? 0) + (tail?.length ?? 0) + (leftOutBytes?.stdout ?? 0)).toBe(cut.length);
    expect(Buffer.byteLength(stdout)).toBeGreaterThan(max - 150);
  }
});

test('what a task deletes, replaces or links is not followed, waited for, or a reason to end', () => {
  const file = (name: string): string => join(dir, name);
  writeFileSync(join(dir, 'elsewhere'), 'secret');
  const replacements: Record<string, (path: string) => void> = {
    deleted: () => {},
    folder: (path) => {
      mkdirSync(join(path, 'x'), { recursive: true });
    },
    pipe: (path) => {
      execFileSync('mkfifo', [path]);
    },
    link: (path) => {
      symlinkSync(file('elsewhere'), path);
    },
    dangling: (path) => {
      symlinkSync(file('nowhere'), path);
    },
    'link to itself': (path) => {
      symlinkSync(path, path);
    },
  };
  for (const [what, replace] of Object.entries(replacements)) {
    for (const name of ['stdout', 'stdout.head', 'stdout.tail', 'stdout.gone']) {
      for (const stream of ['stdout', 'stdout.head', 'stdout.tail', 'stdout.gone'])
        rmSync(file(stream), { recursive: true, force: true });
      appendFileSync(file('stdout'), 'a'.repeat(trimAboveBytes + 1));
      trimOutput(dir);
      appendFileSync(file('stdout'), 'b'.repeat(trimAboveBytes + 1));
      rmSync(file(name), { recursive: true, force: true });
      replace(file(name));
      trimOutput(dir);
      expect([what, name, outputMark(dir).length > 0, readOutput(dir).stdout.includes('secret')]).toEqual([
        what,
        name,
        true,
        false,
      ]);
      expect(readFileSync(file('elsewhere'), 'utf8')).toBe('secret');
    }
  }
  // The folder itself.
  rmSync(dir, { recursive: true });
  expect([outputMark(dir), trimOutput(dir), readOutput(dir)]).toEqual([
    '0/0 0/0',
    0,
    { stdout: '', stderr: '', truncated: true },
  ]);
  mkdirSync(dir);
});

test('bytes that are no text do not make it too long', () => {
  writeFileSync(join(dir, 'stderr'), Buffer.alloc(max, 0xff));
  const { stderr, truncated } = readOutput(dir);
  expect(truncated).toBe(true);
  expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(max);
});

test('the file itself is cut back while it grows; head and the latest tail stay', () => {
  appendFileSync(join(dir, 'stdout'), `first\n${'a'.repeat(trimAboveBytes)}`);
  trimOutput(dir);
  expect(statSync(join(dir, 'stdout')).size).toBe(0);
  appendFileSync(join(dir, 'stdout'), `${'b'.repeat(trimAboveBytes)}middle`);
  trimOutput(dir);
  appendFileSync(join(dir, 'stdout'), 'last\n');
  const { stdout, truncated } = readOutput(dir);
  expect(truncated).toBe(true);
  expect(stdout.startsWith('first\na')).toBe(true);
  expect(stdout.endsWith('bmiddlelast\n')).toBe(true);
  const leftOut = Number(/(\d+) bytes left out/.exec(stdout)?.[1]);
  const kept = Buffer.byteLength(stdout) - Buffer.byteLength(`\n[… ${String(leftOut)} bytes left out …]\n`);
  expect(leftOut + kept).toBe(2 * trimAboveBytes + 'first\n'.length + 'middle'.length + 'last\n'.length);
});

describe('where an output is wanted whole', () => {
  const mib = 2 ** 20;
  /** Of every value; no part of it is like the one before. */
  const stdout = (bytes: number, seed = 0): Buffer =>
    Buffer.alloc(bytes, Buffer.concat([all, all.subarray(seed, 251)]));
  const read = ({ file, bytes }: { readonly file: string; readonly bytes: number }): Buffer =>
    readFileSync(join(dir, file)).subarray(0, bytes);

  test('nothing more is kept where head and tail are all there is, or no more is wanted', () => {
    appendFileSync(join(dir, 'stdout'), stdout(1_000));
    expect([wholeBytesOf(dir), wholeOutput(dir)]).toEqual([null, null]);
    wantWhole(dir, 2);
    expect([wholeBytesOf(dir), wholeOutput(dir)]).toEqual([2 * mib, null]);
  });

  test('it is as the task wrote it up to the limit, whether or not its file was cut back', () => {
    wantWhole(dir, 2);
    const all = stdout(3 * mib);
    appendFileSync(join(dir, 'stdout'), all);
    appendFileSync(join(dir, 'stderr'), 'e');
    trimOutput(dir);
    for (const leftOut of [mib, mib + 5 * mib, mib + 10 * mib]) {
      const [out, err] = wholeOutput(dir) ?? [];
      expect([out?.bytes, out?.leftOut, err?.bytes, err?.leftOut]).toEqual([2 * mib, leftOut, 1, 0]);
      expect(out && read(out).equals(all.subarray(0, 2 * mib))).toBe(true);
      expect(readOutput(dir).leftOutBytes?.stdout).toBeGreaterThan(leftOut);
      appendFileSync(join(dir, 'stdout'), stdout(5 * mib, 3));
      trimOutput(dir);
    }
    expect(statSync(join(dir, 'stdout')).size).toBe(0);
  });

  test('a long head is copied in parts, and the stream is cut back behind the last', () => {
    wantWhole(dir, 20);
    const all = stdout(25 * mib);
    appendFileSync(join(dir, 'stdout'), all);
    trimOutput(dir);
    expect(statSync(join(dir, 'stdout')).size).toBe(25 * mib);
    // It ends in the middle of that.
    const early = wholeOutput(dir)?.[0];
    expect(early && read(early).equals(all.subarray(0, 20 * mib))).toBe(true);
    trimOutput(dir);
    expect(statSync(join(dir, 'stdout')).size).toBe(0);
    const [out] = wholeOutput(dir) ?? [];
    expect(out && read(out).equals(all.subarray(0, 20 * mib))).toBe(true);
    expect([early?.leftOut, out?.leftOut]).toEqual([5 * mib, 5 * mib]);
    expect(readOutput(dir).stdout.startsWith(textOfBytes(all.subarray(0, 1_000)))).toBe(true);
  });

  test.each(['head', 'head.part'])('a link in the place of its %s is not written through', (name) => {
    wantWhole(dir, 1);
    writeFileSync(join(dir, 'elsewhere'), 'mine');
    symlinkSync(join(dir, 'elsewhere'), join(dir, `stdout.${name}`));
    appendFileSync(join(dir, 'stdout'), stdout(6 * mib));
    trimOutput(dir);
    expect(readFileSync(join(dir, 'elsewhere'), 'utf8')).toBe('mine');
    expect(wholeOutput(dir)?.[0]).toMatchObject({ bytes: mib, leftOut: 5 * mib });
  });
});
