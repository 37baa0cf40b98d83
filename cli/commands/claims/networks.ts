// `network`: security groups, and edits of their rules that lose nobody's change.
import type { Command } from 'commander';
import type * as z from 'zod';
import type { rulesBody } from '../../../lib/api/schemas/claims.ts';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import { RefusedError } from '../../client.ts';
import type { Context, Run } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { groupOf } from './group.ts';
import { common, created, defined, rulesOf, several, waitable } from './options.ts';
import type { Body, Options, Rule } from './options.ts';
import { change, create } from './waiting.ts';

export function registerNetworks(program: Command, run: Run): void {
  const network = groupOf(program, run, 'network');
  run(
    created(network, 'network')
      .option('--allow <port:cidr>', 'what may come in: PORT:CIDR or PORT:REQUEST; may be repeated', several)
      .option('--dedicated', 'a group of its own, though another has the same rules')
      .option('--allow-public', 'rules may let the whole internet in'),
    async (context, _args, options) => create(context, options, networkOf(options)),
  );
  run(
    waitable(network.command('edit').description("change its rules; nobody else's change").argument('<id>'))
      .option(
        '--allow <port:cidr>',
        'what may come in, in place of all present rules: PORT:CIDR or PORT:REQUEST; may be repeated',
        several,
      )
      .option('--add <port:cidr>', 'beside the present rules; may be repeated', several)
      .option('--remove <port:cidr>', 'no more; may be repeated', several)
      .option('--allow-public', 'rules may let the whole internet in'),
    edit,
  );
}

function networkOf(options: Options): Body {
  return defined({
    type: 'network',
    ingress: rulesOf(options),
    sharing: options['dedicated'] === true ? 'dedicated' : undefined,
    allowPublic: options['allowPublic'],
    ...common(options),
  });
}

/** How often an edit is made anew on rules that somebody else has changed in between. */
const editTriesMax = 5;

async function edit(context: Context, [id = '']: readonly string[], options: Options): Promise<void> {
  const [added, removed] = [rulesOf(options, 'add'), rulesOf(options, 'remove')];
  if (options['allow'] !== undefined && added.length + removed.length > 0)
    throw usageError('--allow names all rules, --add and --remove change the present ones', 'give one or the other');
  if (options['allow'] === undefined && added.length + removed.length === 0)
    throw usageError('there is nothing to change', 'give --allow, --add or --remove, e.g. --add 22:10.0.0.0/8');
  for (let tries = 1; ; tries += 1) {
    const present = await context.client.call('getRequest', { params: { id } });
    const body = {
      ingress: options['allow'] !== undefined ? rulesOf(options) : edited(present, added, removed),
      allowPublic: options['allowPublic'] === true,
    };
    try {
      // Made on what was read, or not at all: nobody's edit is lost.
      const request = await context.client.call('editRules', {
        params: { id },
        headers: defined({ 'if-match': present.etag }),
        body,
      });
      await change(context, request, options, {
        isDone: (now) => now.network?.wanted === null && now.reason !== 'changing_rules',
        refusal: 'edit_refused',
      });
      return;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.problem.code !== 'precondition_failed' || tries >= editTriesMax)
        throw error;
    }
  }
}

/** The rules that are wanted by now, with these added and taken away. */
function edited(
  { id, network }: RequestView,
  added: readonly Rule[],
  removed: readonly Rule[],
): NonNullable<z.input<typeof rulesBody>['ingress']> {
  if (!network) throw usageError(`request ${id} has no rules`, 'give the id of a network');
  const { ingress } = network.wanted ?? network;
  const key = (one: {
    fromPort?: number | null;
    toPort?: number | null;
    cidr?: string | null;
    request?: string | null;
  }): string => `${String(one.fromPort)}-${String(one.toPort)} ${one.cidr ?? one.request ?? ''}`;
  const unknown = removed.find((one) => !ingress.some((rule) => rule.protocol === 'tcp' && key(rule) === key(one)));
  if (unknown)
    throw usageError(
      `there is no rule ${key(unknown)}`,
      `./bellows network show ${id} --json shows those that there are`,
    );
  const gone = new Set(removed.map(key));
  const kept = ingress.filter((rule) => rule.protocol !== 'tcp' || !gone.has(key(rule)));
  return [
    ...kept.map((rule) =>
      defined<Rule>(Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null))),
    ),
    ...added,
  ];
}
