// A small evaluator of IAM identity policies over a synthesized template: enough for a table of what must be allowed
// and what must not. It knows the operators that our policies use and refuses to judge by any other.
import type { Resource } from './synth.ts';

export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** References become readable: `{Ref: X}` is `<X>`, `{Fn::GetAtt: [X, Arn]}` is `<X.Arn>`. */
export function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    if ('Ref' in value) return `<${String(value.Ref)}>`;
    if ('Fn::GetAtt' in value) return `<${(value['Fn::GetAtt'] as readonly string[]).join('.')}>`;
    if ('Fn::Join' in value) {
      const [separator, parts] = value['Fn::Join'] as readonly [string, readonly unknown[]];
      return parts.map(flatten).join(separator);
    }
    if ('Fn::Sub' in value) return String(value['Fn::Sub']).replaceAll('${', '<').replaceAll('}', '>');
  }
  throw new Error(`cannot flatten ${JSON.stringify(value)}`);
}

/**
 * All statements of the policies that are attached to a role of the template: inline ones, and those that CDK
 * moves what does not fit into.
 */
export function statementsOf(resources: Readonly<Record<string, Resource>>, roleId: string): readonly Statement[] {
  return policiesOf(resources, roleId).flatMap(([, resource]) => documentOf(resource));
}

export function policiesOf(
  resources: Readonly<Record<string, Resource>>,
  roleId: string,
): readonly (readonly [id: string, policy: Resource])[] {
  return Object.entries(resources).filter(
    ([, { Type, Properties }]) =>
      (Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
      && ((Properties['Roles'] ?? []) as readonly { readonly Ref: string }[]).some((role) => role.Ref === roleId),
  );
}

export function documentOf(resource: Resource): readonly Statement[] {
  return (resource.Properties['PolicyDocument'] as { readonly Statement: readonly Statement[] }).Statement;
}

/** IAM's rule: an explicit deny wins, then an allow, and everything else is denied. */
export function isAllowed(statements: readonly Statement[], call: Call): boolean {
  const matching = statements.filter((statement) => matches(statement, call));
  return matching.some((one) => one.Effect === 'Allow') && !matching.some((one) => one.Effect === 'Deny');
}

function matches(statement: Statement, call: Call): boolean {
  return (
    list(statement.Action).some((pattern) => like(flatten(pattern).toLowerCase(), call.action.toLowerCase()))
    && list(statement.Resource).some((pattern) => like(flatten(pattern), call.resource))
    && Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => claims(operator, list(wanted).map(flatten), call.context?.[key])),
    )
  );
}

function claims(operator: string, wanted: readonly string[], actual: string | undefined): boolean {
  switch (operator) {
    case 'StringEquals':
      return actual !== undefined && wanted.includes(actual);
    // Of a key with several values, which the call's context joins by commas; true where there is none.
    case 'ForAllValues:StringEquals':
      return actual === undefined || actual.split(',').every((one) => wanted.includes(one));
    case 'ArnEquals':
      return actual !== undefined && wanted.some((pattern) => like(pattern, actual));
    case 'ArnEqualsIfExists':
      return actual === undefined || wanted.some((pattern) => like(pattern, actual));
    case 'Bool':
      return actual !== undefined && wanted.includes(actual);
    case 'Null':
      return wanted.every((isAbsent) => (isAbsent === 'true') === (actual === undefined));
    default:
      throw new Error(`the evaluator does not know the operator ${operator}`);
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's').test(text);
}
