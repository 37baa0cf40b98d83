// Commands about tenants: what operators declare of them.
import type { Command } from 'commander';
import type { Context, Run } from '../context.ts';
import type { TenantView } from '../../lib/api/schemas/tenants.ts';
import { number, table, usd } from '../text.ts';

export function registerTenants(program: Command, run: Run): void {
  const tenant = program.command('tenant').description('declare, show or delete tenants and their weights');
  run(
    tenant
      .command('apply')
      .description('create or replace a tenant')
      .argument('<name>', "the caller's role, or user/NAME")
      .option('--weight <number>', 'its weight in fair shares; 1 unless given', number('--weight'))
      .option(
        '--usd-per-day <usd>',
        'nothing more of it starts on a day (UTC) on which it spent that',
        number('--usd-per-day'),
      )
      .option('--usd-per-month <usd>', 'the same of a month', number('--usd-per-month')),
    applyTenant,
  );
  run(tenant.command('show').description('show a tenant').argument('<name>'), showTenant);
  run(tenant.command('list').description('list the tenants that are declared'), listTenants);
  run(
    tenant.command('delete').description('delete what was declared of a tenant; its requests stay').argument('<name>'),
    deleteTenant,
  );
}

/** As paths have it, see lib/api/schemas/tenants.ts. */
const inPath = (name = ''): { readonly name: string } => ({ name: name.replaceAll('/', ':') });

async function applyTenant(
  context: Context,
  [name]: readonly string[],
  { weight, usdPerDay, usdPerMonth }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const budget = {
    ...(usdPerDay === undefined ? {} : { usdPerDay }),
    ...(usdPerMonth === undefined ? {} : { usdPerMonth }),
  };
  const body = { ...(weight === undefined ? {} : { weight }), ...(Object.keys(budget).length === 0 ? {} : { budget }) };
  const tenant = await context.client.call('putTenant', { params: inPath(name), body });
  context.print(tenant, () => tenantText(tenant));
}

function tenantText({ name, weight, budget }: TenantView): string {
  const spend = budgetText(budget);
  return `tenant ${name} has the weight ${String(weight)}${spend === '-' ? '' : `, and may spend ${spend}`}`;
}

export function budgetText({ usdPerDay, usdPerMonth }: TenantView['budget'] = {}): string {
  const parts = [
    ...(usdPerDay === undefined ? [] : [`${usd(usdPerDay)} a day`]),
    ...(usdPerMonth === undefined ? [] : [`${usd(usdPerMonth)} a month`]),
  ];
  return parts.length === 0 ? '-' : parts.join(', ');
}

async function showTenant(context: Context, [name]: readonly string[]): Promise<void> {
  const tenant = await context.client.call('getTenant', { params: inPath(name) });
  context.print(tenant, () => tenantText(tenant));
}

async function listTenants(context: Context): Promise<void> {
  const tenants = await context.client.call('listTenants');
  context.print(tenants, () =>
    tenants.items.length === 0
      ? 'no tenant is declared: all have the weight 1'
      : table(
          ['TENANT', 'WEIGHT', 'BUDGET', 'UPDATED'],
          tenants.items.map((one) => [one.name, String(one.weight), budgetText(one.budget), one.updatedAt]),
        ),
  );
}

async function deleteTenant(context: Context, [name]: readonly string[]): Promise<void> {
  const tenant = await context.client.call('deleteTenant', { params: inPath(name) });
  context.print(tenant, () => `tenant ${tenant.name} has the default weight again`);
}
