// Signs calls to a deployed API with the caller's own credentials, and asks STS whose they are.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { signHeaders } from '../../lib/adapters/aws/execute-api-signing.ts';
import { AwsNoAnswerError, AwsServiceError, keepingConnections, sendCall } from '../../lib/adapters/aws/sdk.ts';
import type { Signer } from '../signing.ts';
import { accessTo } from './access.ts';
import type { AwsEnvironment } from './access.ts';

const identityMsMax = 20_000;

export async function openSigner(environment: AwsEnvironment, given: string | null): Promise<Signer> {
  const { region, credentials, optionsOf } = await accessTo(environment, given);
  return {
    // fetch sends the host itself, and does not take one.
    sign: async (call) => {
      const { host: _host, ...headers } = await signHeaders(call, region, await credentials(), environment.nowMs());
      return headers;
    },
    whoAmI: async () => {
      const sts = new STSClient(keepingConnections(optionsOf('STS')));
      try {
        const { Arn: arn = 'a caller without a name' } = await sendCall(
          'GetCallerIdentity',
          identityMsMax,
          async (sending) => sts.send(new GetCallerIdentityCommand({}), sending),
        );
        return { arn };
      } catch (error) {
        if (error instanceof AwsServiceError) return { refusal: `${error.cause.message} (${error.awsCode})` };
        // Who it is would only have been a help.
        if (error instanceof AwsNoAnswerError) return { arn: `the caller (STS did not say who: ${error.message})` };
        throw error;
      } finally {
        sts.destroy();
      }
    },
  };
}
