// The SDK's client of EC2, speaking to the simulated EC2 in this process: the same code serialises requests and reads
// answers as on AWS, without a socket between.
import { EC2Client } from '@aws-sdk/client-ec2';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/types';
import { CarrierError } from '../../ports/ec2/errors.ts';
import { queryCall } from './carrier.ts';
import type { Ec2Carrier } from './carrier.ts';
import { Ec2Error } from './cloud/errors.ts';
import { answerXml, errorXml } from './ec2/protocol/xml.ts';

export interface XmlAnswer {
  readonly status: number;
  readonly xml: string;
}

/** Answers one call of the Query protocol. */
export type XmlCall = (action: string, parameters: Readonly<Record<string, string>>) => Promise<XmlAnswer>;

/** As EC2 writes its answers and its errors. */
export function xmlCallOf(carry: Ec2Carrier): XmlCall {
  return async (action, parameters) => {
    try {
      const wire = await carry(queryCall(action, parameters));
      return { status: 200, xml: answerXml(action, 'in-process', wire).toString() };
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      return { status: error.httpStatus, xml: errorXml('in-process', error.ec2Code, error.message).toString() };
    }
  };
}

/** Errors that `call` throws reach the caller of the client as they are. */
export function inProcessEc2Client(call: XmlCall): EC2Client {
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
