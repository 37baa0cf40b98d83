// What is kept of a stream that is too long: its head and its tail, and a line between them.

/** In UTF-8, of what the task wrote and the text has not. */
export interface LeftOutBytes {
  readonly stdout: number;
  readonly stderr: number;
}

export const nothingLeftOut: LeftOutBytes = { stdout: 0, stderr: 0 };

/** The line between head and tail. */
export function leftOutLine(bytes: number): string {
  return `\n[… ${String(bytes)} bytes left out …]\n`;
}

/** What an attempt wrote, whole, where it is short enough to travel with the attempt's end. */
export interface SmallOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Something of it is missing: the task deleted a file of it. */
  readonly truncated: boolean;
}

/** Of a small output, as JSON: what is longer goes to where outputs are kept. */
export const smallOutputBytesMax = 8_192;
