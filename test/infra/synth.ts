// Synthesizes an installation as tests look at it: the template, and what CDK and cdk-nag say about it.
import { App, Stack } from 'aws-cdk-lib';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { NodeArchives } from '../../lib/infra/compute/node-runtime.ts';
import { Bellows } from '../../lib/infra/index.ts';
import type { BellowsProps } from '../../lib/infra/index.ts';
import { standInRuntime } from '../../lib/local/localcloud/stand-in-runtime.ts';

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

export function synthesize(props: BellowsProps = {}, extra?: (stack: Stack, bellows: Bellows) => void): Synthesized {
  const make = (): object => {
    const stack = new Stack(new App(), 'Stack');
    const bellows = new Bellows(stack, 'Bellows', withRuntime(props));
    extra?.(stack, bellows);
    return Template.fromStack(stack).toJSON();
  };
  const template = Template.fromJSON(extra === undefined ? onceInThisRun('template', props, make) : make());
  const { Resources: resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return {
    template,
    resources,
    ofType: (type) => Object.entries(resources).filter(([, resource]) => resource.Type === type),
  };
}

/** Findings of cdk-nag and of CDK's own validation that nobody gave a reason for. */
export function findings(props: BellowsProps = {}): readonly string[] {
  return onceInThisRun('findings', props, () => {
    const app = new App();
    new Bellows(new Stack(app, 'Stack'), 'Bellows', withRuntime(props));
    return [new AwsSolutionsChecks(app), new ServerlessChecks(app)]
      .flatMap((pack) => pack.validateScope(app).violations)
      .flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map((one) => `${ruleName} at ${one.constructPath ?? '?'}`),
      );
  });
}

/** Tests fetch nothing: what `npx cdk deploy` fetches has a stand-in. */
function withRuntime(props: BellowsProps): BellowsProps {
  if (runtimes === null) {
    const folder = mkdtempSync(join(tmpdir(), 'bellows-runtime-'));
    process.once('exit', () => {
      rmSync(folder, { recursive: true, force: true });
    });
    runtimes = standInRuntime(folder);
  }
  return { nodeRuntime: runtimes, ...props };
}

let runtimes: NodeArchives | null = null;

/** What several test files of one run want is made once, in the folder that goes with the run. */
function onceInThisRun<T>(what: string, props: BellowsProps, make: () => T): T {
  const folder = process.env['BELLOWS_TEST_FOLDER'];
  // Constructs, such as instance profiles, are no values: they belong to the app that they were made in.
  const isValue = (one: unknown): boolean =>
    typeof one !== 'object'
    || one === null
    || ((Array.isArray(one) || Object.getPrototypeOf(Object.getPrototypeOf(one) ?? null) === null)
      && Object.values(one).every(isValue));
  if (folder === undefined || !isValue(props)) return make();
  const key = createHash('sha256')
    .update(JSON.stringify([what, props]))
    .digest('hex')
    .slice(0, 24);
  const file = join(folder, `synth-${key}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
  const made = make();
  writeFileSync(`${file}.${String(process.pid)}`, JSON.stringify(made));
  renameSync(`${file}.${String(process.pid)}`, file);
  return made;
}
