// Where a reader of the log of events is, as text that only this file takes apart.
import { InvalidCursorError } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';

export interface Position {
  readonly sk: string;
  /** So many events of the item at `sk` are behind it. */
  readonly passed: number;
}

/** Where a reader begins who wants what was written from then on. */
export function positionAt(ms: number): string {
  return textOf({ sk: keys.timeText(ms), passed: 0 });
}

/** When what is there was written. @throws InvalidCursorError */
export function positionMs(position: string): number {
  return Number(positionOf(position).sk.slice(0, 14));
}

export function placeOf({ sk, passed }: Position): string {
  return `${sk}~${String(passed).padStart(4, '0')}`;
}

export function textOf({ sk, passed }: Position): string {
  return Buffer.from(`${sk}~${String(passed)}`).toString('base64url');
}

/** @throws InvalidCursorError */
export function positionOf(cursor: string): Position {
  const position = parsed(cursor);
  if (position === null) throw new InvalidCursorError(cursor);
  return position;
}

export function isPosition(text: string): boolean {
  return parsed(text) !== null;
}

function parsed(text: string): Position | null {
  const [, sk, passed] = /^(\d{14}(?:#[\w-]{1,200})?)~(\d{1,4})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return sk === undefined || passed === undefined ? null : { sk, passed: Number(passed) };
}
