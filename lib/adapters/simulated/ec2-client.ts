// The SDK's client of EC2, speaking to the simulated cloud in this process: the same code serialises requests and reads
// answers as on AWS, without a socket between.
import { EC2Client } from '@aws-sdk/client-ec2';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/types';
import { CarrierError } from '../../ports/ec2-errors.ts';
import type { Ec2Call } from './ec2-call.ts';

/** Errors that `call` throws reach the caller of the client as they are. */
export function inProcessEc2Client(call: Ec2Call): EC2Client {
  return new EC2Client({
    region: 'us-east-1',
    endpoint: 'http://in-process.invalid',
    maxAttempts: 1,
    credentials: { accessKeyId: 'in-process', secretAccessKey: 'in-process' },
    // Nobody verifies a signature in this process.
    signer: { sign: async (request: HttpRequest) => request },
    requestHandler: {
      handle: async ({ body }: HttpRequest) => {
        const { Action = '', Version: _version, ...parameters } = Object.fromEntries(new URLSearchParams(String(body)));
        const { status, xml } = await call(Action, parameters).catch((error: unknown) => {
          throw new CarrierError(error);
        });
        const answer = {
          statusCode: status,
          headers: { 'content-type': 'text/xml;charset=UTF-8' },
          body: Buffer.from(xml),
        };
        return { response: new HttpResponse(answer) };
      },
    },
  });
}
