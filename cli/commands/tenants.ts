// Commands about tenants: what operators declare of them.
import type { Command } from 'commander';
import type { Context, Run } from '../context.ts';
import { number, table } from '../text.ts';

export function registerTenants(program: Command, run: Run): void {
  const tenant = program.command('tenant').description('declare, show or delete tenants and their weights');
  run(
    tenant
      .command('apply')
      .description('create or replace a tenant')
      .argument('<name>', "the caller's role, or user/NAME")
      .requiredOption('--weight <number>', 'its weight in fair shares; 1 is the default of all', number('--weight')),
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
  { weight }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const tenant = await context.client.call('putTenant', { params: inPath(name), body: { weight } });
  context.print(tenant, () => `tenant ${tenant.name} has the weight ${String(tenant.weight)}`);
}

async function showTenant(context: Context, [name]: readonly string[]): Promise<void> {
  const tenant = await context.client.call('getTenant', { params: inPath(name) });
  context.print(tenant, () => `tenant ${tenant.name} has the weight ${String(tenant.weight)}`);
}

async function listTenants(context: Context): Promise<void> {
  const tenants = await context.client.call('listTenants');
  context.print(tenants, () =>
    tenants.items.length === 0
      ? 'no tenant is declared: all have the weight 1'
      : table(
          ['TENANT', 'WEIGHT', 'UPDATED'],
          tenants.items.map((one) => [one.name, String(one.weight), one.updatedAt]),
        ),
  );
}

async function deleteTenant(context: Context, [name]: readonly string[]): Promise<void> {
  const tenant = await context.client.call('deleteTenant', { params: inPath(name) });
  context.print(tenant, () => `tenant ${tenant.name} has the default weight again`);
}
