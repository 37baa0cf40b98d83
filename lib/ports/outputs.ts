// Where the output of attempts is kept: bounded text per stream, written by agents, read by applications.

export interface AttemptOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The agent kept only the head and tail, or the reader asked for less than there is. */
  readonly isTruncated: boolean;
}

export interface Outputs {
  /** Where the agent of this attempt sends its output (a presigned URL on AWS, a path of the agent API locally). */
  uploadUrl(attemptId: string): Promise<string>;
  /** Replaces what was kept for the attempt. */
  write(attemptId: string, output: AttemptOutput): Promise<void>;
  /** Last `tailBytes` of each stream; null when nothing was kept. */
  read(attemptId: string, tailBytes: number): Promise<AttemptOutput | null>;
}
