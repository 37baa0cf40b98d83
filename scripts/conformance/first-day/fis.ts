// AWS Fault Injection Service, as far as one interruption of one spot instance needs it: its REST API in signed calls,
// and a role for it. Template and role are removed after the interruption, and by name in a later run.
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { signHeaders } from '../../../lib/adapters/aws/execute-api-signing.ts';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import type { AwsClientOptions } from '../../../lib/adapters/aws/sdk.ts';
import { NotHereError } from './place.ts';

export const fisRole = 'bellows-first-day-fis';
const policyName = 'interrupt';
const callMsMax = 20_000;
const experimentMsMax = 300_000;
/** IAM tells its other services late of a new role. */
const roleTries = 12;

const template = z.object({ experimentTemplate: z.object({ id: z.string() }) });
const experiment = z.object({
  experiment: z.object({ id: z.string(), state: z.object({ status: z.string(), reason: z.string().optional() }) }),
});

export class FaultInjection {
  readonly #options: AwsClientOptions;
  readonly #iam: IAMClient;

  constructor(options: AwsClientOptions, iam: AwsClientOptions) {
    this.#options = options;
    this.#iam = new IAMClient(keepingConnections(iam));
  }

  /** Answers what did it. @throws NotHereError when the account does not allow it */
  async interrupt(instanceArn: string): Promise<string> {
    const roleArn = await this.#role();
    let templateId: string | null = null;
    try {
      templateId = await this.#template(roleArn, instanceArn);
      const started = experiment.parse(
        await this.#call('POST', '/experiments', {
          clientToken: crypto.randomUUID(),
          experimentTemplateId: templateId,
        }),
      ).experiment;
      for (const untilMs = performance.now() + experimentMsMax; ; await sleep(5_000)) {
        const { state } = experiment.parse(await this.#call('GET', `/experiments/${started.id}`)).experiment;
        if (state.status === 'completed') return `experiment ${started.id} of AWS Fault Injection Service`;
        if (state.status === 'failed' || state.status === 'stopped' || performance.now() > untilMs)
          throw new NotHereError(`experiment ${started.id} is ${state.status}: ${state.reason ?? 'no reason given'}`);
      }
    } finally {
      if (templateId !== null) await this.#call('DELETE', `/experimentTemplates/${templateId}`);
      await this.removeRole();
    }
  }

  /** May be repeated. */
  async removeRole(): Promise<void> {
    const names = { RoleName: fisRole };
    for (const command of [
      new DeleteRolePolicyCommand({ ...names, PolicyName: policyName }),
      new DeleteRoleCommand(names),
    ])
      try {
        // The two commands have no type in common that a client takes.
        await this.#iam.send(command as DeleteRoleCommand);
      } catch (error) {
        if (!(error instanceof Error && error.name === 'NoSuchEntityException')) throw error;
      }
  }

  close(): void {
    this.#iam.destroy();
  }

  async #role(): Promise<string> {
    const statement = (one: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [one] });
    const trust = { Effect: 'Allow', Principal: { Service: 'fis.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const allowed = {
      Effect: 'Allow',
      Action: ['ec2:SendSpotInstanceInterruptions', 'ec2:DescribeInstances'],
      Resource: '*',
    };
    try {
      await this.removeRole();
      const { Role: role } = await this.#iam.send(
        new CreateRoleCommand({ RoleName: fisRole, AssumeRolePolicyDocument: statement(trust) }),
      );
      await this.#iam.send(
        new PutRolePolicyCommand({ RoleName: fisRole, PolicyName: policyName, PolicyDocument: statement(allowed) }),
      );
      return role?.Arn ?? '';
    } catch (error) {
      throw new NotHereError(`the role for Fault Injection Service could not be made: ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  async #template(roleArn: string, instanceArn: string): Promise<string> {
    const body = {
      clientToken: crypto.randomUUID(),
      description: "An interruption of a spot node in Bellows's first day",
      roleArn,
      stopConditions: [{ source: 'none' }],
      tags: { 'bellows:first-day': 'true' },
      targets: { node: { resourceType: 'aws:ec2:spot-instance', resourceArns: [instanceArn], selectionMode: 'ALL' } },
      actions: {
        interrupt: {
          actionId: 'aws:ec2:send-spot-instance-interruptions',
          parameters: { durationBeforeInterruption: 'PT2M' },
          targets: { SpotInstances: 'node' },
        },
      },
    };
    for (let tries = 1; ; tries += 1)
      try {
        return template.parse(await this.#call('POST', '/experimentTemplates', body)).experimentTemplate.id;
      } catch (error) {
        if (tries >= roleTries || !(error instanceof NotHereError && /role/i.test(error.message))) throw error;
        await sleep(5_000);
      }
  }

  /** @throws NotHereError with AWS's code and words */
  async #call(method: string, path: string, question?: object): Promise<unknown> {
    const { region, credentials, endpoint } = this.#options;
    const url = new URL(path, endpoint ?? `https://fis.${region}.amazonaws.com`);
    const body = question === undefined ? '' : JSON.stringify(question);
    const request = { method, url, headers: { 'content-type': 'application/json' }, body };
    const headers = await signHeaders(request, region, await credentials(), Date.now(), 'fis');
    const response = await fetch(url, {
      method,
      headers,
      ...(body === '' ? {} : { body }),
      signal: AbortSignal.timeout(callMsMax),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const code = response.headers.get('x-amzn-errortype') ?? `HTTP ${String(response.status)}`;
    throw new NotHereError(`Fault Injection Service answers ${code}: ${text.slice(0, 300)}`);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
