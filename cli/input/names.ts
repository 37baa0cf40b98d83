// Names and labels on command lines: what a request is called, and which are wanted.
import type { Command } from 'commander';
import { usageError } from '../errors.ts';

function labels(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`--label ${JSON.stringify(text)} is not KEY=VALUE`);
  // Not by assignment: a key may be called `__proto__`, which the server refuses with the reason.
  return Object.fromEntries([...Object.entries(before), [text.slice(0, at), text.slice(at + 1)]]);
}

export function withName(command: Command): Command {
  return command
    .option('--name <name>', 'what it is called; need not be unique')
    .option('--label <key=value>', 'for finding it; may be repeated', labels);
}

/** As the API's filter takes it. */
export function labelFilterOf(wanted: unknown): string | undefined {
  return wanted === undefined
    ? undefined
    : Object.entries(wanted as Readonly<Record<string, string>>)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
}

export function withNameFilter(command: Command): Command {
  return withLabelFilter(command.option('--name <name>', 'only those with this name'));
}

export function withLabelFilter(command: Command): Command {
  return command.option('--label <key=value>', 'only those with this label; may be repeated', labels);
}
