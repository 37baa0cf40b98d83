// The list of what is modelled, as a page of the docs, made from the tables that the actions themselves use.
import { actions } from '../actions.ts';
import type { Action } from '../action.ts';
import { World } from '../world.ts';
import { apiActions, documentedFilters } from './api-model.ts';
import type { Shape } from './fields.ts';

const width = 118;

/** Names in code quotes, wrapped; with a heading where there are any. */
function list(heading: string, names: readonly string[]): readonly string[] {
  const lines = [`${heading}:`];
  for (const [at, name] of names.entries()) {
    const word = `\`${name}\`${at + 1 < names.length ? ',' : ''}`;
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return names.length === 0 ? [] : ['', ...lines];
}

/** Paths of all members of that kind; structures that are taken are gone into. */
function pathsOf(shape: Shape, kind: Shape['kind'], prefix = ''): readonly string[] {
  if (shape.kind !== 'structure') return shape.kind === kind ? [prefix] : [];
  return Object.entries(shape.members).flatMap(([name, member]) =>
    pathsOf(member, kind, prefix === '' ? name : `${prefix}.${name}`),
  );
}

function sectionOf(action: Action, world: World): readonly string[] {
  const { shape } = action;
  const members = shape.kind === 'structure' ? Object.entries(shape.members) : [];
  const isTaken = (kind: Shape['kind']): boolean => kind === 'value' || kind === 'structure';
  const filters = action.filterNames(world);
  const documented = [...(documentedFilters.get(action.name) ?? [])];
  return [
    '',
    `## ${action.name}`,
    ...list(
      'Takes',
      members
        .filter(([, member]) => isTaken(member.kind))
        .map(([name]) => name)
        .sort(),
    ),
    ...list('Not modelled', [...pathsOf(shape, 'not-modelled')].sort()),
    ...list('Taken without an effect', [...pathsOf(shape, 'without-effect')].sort()),
    ...list('Filters, beside those of tags', [...(filters ?? [])].sort()),
    ...list(
      'Filters that are not modelled',
      documented.filter((name) => name !== 'tag-key' && !filters?.includes(name)),
    ),
  ];
}

/** docs/ec2-simulator-actions.md, whole. */
export function actionsReference(): string {
  const world = new World({ accountId: '123456789012', region: 'us-east-1', clock: { nowMs: () => 0 } });
  const modelled = [...actions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '# Actions of the EC2 simulator',
    '',
    `Generated from the simulator's own tables (\`scripts/peers/ec2-actions.ts\`): ${String(modelled.length)} of the`,
    `${String(apiActions.size)} actions of EC2. Names are those of the Query protocol. What is not modelled answers`,
    '`UnsupportedOperation`, and names itself; so do the actions that are not listed. How they behave is told in',
    '[the EC2 simulator](ec2-simulator.md).',
    ...modelled.flatMap((action) => sectionOf(action, world)),
    '',
  ].join('\n');
}
