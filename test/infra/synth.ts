// Synthesizes an installation as tests look at it: the template, and what CDK and cdk-nag say about it.
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { Bellows } from '../../lib/infra/index.ts';
import type { BellowsProps } from '../../lib/infra/index.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}

export interface Synthesized {
  readonly template: Template;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly ofType: (type: string) => readonly (readonly [id: string, resource: Resource])[];
}

export function synthesize(props: BellowsProps = {}, extra: (stack: Stack, bellows: Bellows) => void = () => undefined): Synthesized {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  extra(stack, new Bellows(stack, 'Bellows', props));
  const template = Template.fromStack(stack);
  const { Resources: resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return { template, resources, ofType: (type) => Object.entries(resources).filter(([, resource]) => resource.Type === type) };
}

/** Findings of cdk-nag and of CDK's own validation that nobody gave a reason for. */
export function findings(props: BellowsProps = {}): readonly string[] {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new Bellows(stack, 'Bellows', props);
  return [new AwsSolutionsChecks(app), new ServerlessChecks(app)]
    .flatMap((pack) => pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources }) => violatingResources.map((one) => `${ruleName} at ${one.constructPath ?? '?'}`)));
}

