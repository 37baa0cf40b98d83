// The verbs that virtual machines, volumes and networks have in common: list, show, renew, release.
import type { Command } from 'commander';
import { isEnd } from '../../../lib/core/records/request.ts';
import type { Context, Run } from '../../context.ts';
import { labelFilterOf, withNameFilter } from '../../input/names.ts';
import { allPages } from '../../pages.ts';
import { duration, table } from '../../text.ts';
import { describe, nameText, show } from '../requests/requests.ts';
import { kinds } from './options.ts';
import type { Kind, Options } from './options.ts';
import { finish, say } from './waiting.ts';

/** The group's command. */
export function groupOf(program: Command, run: Run, kind: Kind): Command {
  const { noun, type } = kinds[kind];
  const group = program.command(kind).description(`claim a ${noun}: create, list, show, release, …`);
  run(
    withNameFilter(group.command('list').description('list them')).option('--all', 'also those that have ended'),
    async (context, _args, options) => list(context, type, options),
  );
  run(group.command('show').description('show one, with its parts').argument('<id>'), show);
  run(group.command('renew').description('renew its lease').argument('<id>'), async (context, [id = '']) =>
    say(context, await context.client.call('renewRequest', { params: { id } })),
  );
  run(
    group.command('release').description('release it').argument('<id>').option('--wait', 'until nothing of it is left'),
    async (context, [id = ''], options) => {
      const request = await context.client.call('cancelRequest', { params: { id } });
      if (request.service !== undefined && !isEnd(request.state) && !context.isJson)
        context.say(`it is a replica of service ${request.service.name}, which puts another one in its place`);
      await finish(
        context,
        request,
        options,
        (now) => isEnd(now.state),
        (now) => now.state === 'released' || now.state === 'cancelled',
      );
    },
  );
  return group;
}

async function list(
  context: Context,
  type: 'virtual_machine' | 'storage' | 'network',
  options: Options,
): Promise<void> {
  const { name } = options as { readonly name?: string };
  const filter = { type, name, label: labelFilterOf(options['label']) };
  const page = await allPages((query) => context.client.call('listRequests', { query: { ...filter, ...query } }));
  const items = page.items.filter((one) => options['all'] === true || !isEnd(one.state));
  const nowMs = context.environment.nowMs();
  context.print({ ...page, items }, () =>
    items.length === 0
      ? 'none'
      : table(
          ['ID', 'NAME', 'STATE', 'POOL', 'AGE', 'LEASE', 'HAS', 'REASON'],
          items.map((one) => [
            one.id,
            nameText(one),
            one.state,
            one.pool,
            duration(nowMs - Date.parse(one.createdAt)),
            one.leaseEndsAt === undefined ? '-' : duration(Date.parse(one.leaseEndsAt) - nowMs),
            one.allocation === null ? '-' : describe(one.allocation),
            one.reason ?? '',
          ]),
          context.width,
        ),
  );
}
