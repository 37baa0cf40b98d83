// Target groups of Elastic Load Balancing that replicas of a service are registered with.
import * as z from 'zod';
import { targetGroupGrantsMax } from '../../../../core/access/target-groups.ts';
import type { TargetGroupGrant } from '../../../../core/access/target-groups.ts';
import { targetGroupsMax } from '../../../../core/services/targets/record.ts';
import { compact, tenantsField, tenantsView, time } from '../../values.ts';

export const targetGroupArn = z
  .string()
  .max(256, 'must be at most 256 characters')
  .regex(
    /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{16}$/,
    'must be the ARN of a target group, e.g. '
      + '"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"',
  );

export const targetGroupGrants = z
  .array(
    z.strictObject({
      arn: z
        .string()
        .max(256, 'must be at most 256 characters')
        .regex(
          /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9/-]{0,64}\*?$/,
          'must be the ARN of a target group, or its beginning and "*"',
        )
        .meta({ description: 'Its ARN, or the beginning of some and "*".' }),
      tenants: tenantsField("Whose services; everybody's unless given."),
    }),
  )
  .max(targetGroupGrantsMax);

export const targetGroupGrantsView = z.array(z.object({ arn: z.string(), tenants: tenantsView })).readonly();

export function targetGroupGrantsOf(grants: z.output<typeof targetGroupGrants>): readonly TargetGroupGrant[] {
  return grants.map((one) => compact({ arn: one.arn, tenants: one.tenants }));
}

interface Served {
  readonly targetGroups?: readonly { readonly port: string }[] | undefined;
  readonly template: {
    readonly ports?: readonly { readonly name: string }[] | undefined;
    readonly machine?: object | undefined;
  };
}

export function targetGroupsField(portName: z.ZodString) {
  return z
    .array(
      z.strictObject({
        arn: targetGroupArn,
        port: portName.meta({ description: 'The name of a port of the template.' }),
      }),
    )
    .max(targetGroupsMax)
    .refine((all) => new Set(all.map((one) => one.arn)).size === all.length, 'must name each group once')
    .optional()
    .meta({
      description:
        'Target groups of Elastic Load Balancing that each replica is registered with while it serves: by the address '
        + 'of its node where the target type is ip, by the instance where it is instance. It is ready when they say '
        + 'that it is healthy. On AWS only.',
    });
}

/** A target is an address and a port: of one that the template opens. */
export function checkTargetGroups({ targetGroups = [], template }: Served, context: z.RefinementCtx): void {
  if (template.machine !== undefined) {
    if (targetGroups.length > 0)
      context.addIssue({
        code: 'custom',
        path: ['targetGroups'],
        message:
          'does not go with a template of a machine: it names ports that tasks open; leave it out, and register the '
          + 'machines yourself (aws elbv2 register-targets)',
      });
    return;
  }
  const names = new Set((template.ports ?? []).map((one) => one.name));
  for (const [n, { port }] of targetGroups.entries())
    if (!names.has(port))
      context.addIssue({
        code: 'custom',
        path: ['targetGroups', n, 'port'],
        message: `names the port ${port}, which is none of template.ports; add {"name": "${port}"} there`,
      });
}

const count = z.int().min(0);

export const targetGroupsView = z
  .array(
    z.object({
      arn: z.string(),
      port: z.string(),
      registered: count.meta({ description: 'How many replicas are registered.' }),
      healthy: count.meta({ description: 'How many of them the group has as healthy, as last looked at.' }),
      lookedAt: time.nullable(),
      troubles: z
        .array(z.object({ call: z.string(), code: z.string(), message: z.string(), since: time }))
        .meta({ description: 'Which calls fail, why, and what to do.' }),
    }),
  )
  .optional();
