// The filter of a list of requests, as commands take it.
import type { Command } from 'commander';
import { sinceOf } from '../text.ts';
import { labelFilterOf, withNameFilter } from './names.ts';

export function withFilter(command: Command): Command {
  return withNameFilter(command)
    .option('--state <state>', 'only those in this state')
    .option('--type <type>', 'only those of this type')
    .option('--pool <pool>', 'only those of this pool')
    .option('--since <time>', 'only those accepted since then: 2026-11-27T08:00:00Z, or 90m, 12h, 7d ago');
}

export type Filter = Readonly<Record<'state' | 'type' | 'pool' | 'name' | 'label' | 'since', string | undefined>>;

export function filterOf(options: Readonly<Record<string, unknown>>, nowMs: number): Filter {
  const textOf = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    state: textOf('state'),
    type: textOf('type'),
    pool: textOf('pool'),
    name: textOf('name'),
    label: labelFilterOf(options['label']),
    since: sinceOf(textOf('since'), nowMs),
  };
}
