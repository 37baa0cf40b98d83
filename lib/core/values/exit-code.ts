// What an exit code says by the convention that shells and systemd share. A program may answer any code for reasons of
// its own, so the words name the convention.
const conventions: ReadonlyMap<number, string> = new Map([
  [126, 'found, but could not be executed'],
  [127, 'command not found'],
]);

/** Linux's names, by number; the same on amd64 and arm64. */
const signals: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [10, 'SIGUSR1'],
  [11, 'SIGSEGV'],
  [12, 'SIGUSR2'],
  [13, 'SIGPIPE'],
  [14, 'SIGALRM'],
  [15, 'SIGTERM'],
  [16, 'SIGSTKFLT'],
  [24, 'SIGXCPU'],
  [25, 'SIGXFSZ'],
  [26, 'SIGVTALRM'],
  [27, 'SIGPROF'],
  [29, 'SIGIO'],
  [30, 'SIGPWR'],
  [31, 'SIGSYS'],
]);

function conventionOf(exitCode: number): string | null {
  const signal = signals.get(exitCode - 128);
  return signal === undefined
    ? (conventions.get(exitCode) ?? null)
    : `killed by signal ${String(exitCode - 128)} (${signal})`;
}

/** The reason of an end with this code; `known`: what the agent knows of why, which goes before any convention. */
export function exitReason(exitCode: number | null, known: string | null): string {
  if (exitCode === null) return known ?? 'no exit code';
  const said = `exit code ${String(exitCode)}`;
  if (known !== null) return `${said}: ${known}`;
  const convention = conventionOf(exitCode);
  return convention === null ? said : `${said}: by convention, ${convention}`;
}
