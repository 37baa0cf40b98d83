// What clients of EC2 ask of other services before they call it, at the same endpoint: who they are (STS), and which
// image a public parameter names (SSM). Which service is called, the credential scope says.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { Ec2Error } from '../../cloud/errors.ts';
import { imageParameters, parameterImage } from '../families/images/images.ts';
import { partitionName } from '../families/networks/regions.ts';
import type { Caller } from '../protocol/signature.ts';
import { toXmlBytes } from '../protocol/xml.ts';
import type { World } from '../world.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One call of STS or SSM, answered. */
export function answerNeighbour(
  service: 'sts' | 'ssm',
  caller: Caller,
  world: () => World,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const requestId = randomUUID();
  const answer =
    service === 'sts'
      ? identity(caller, new URLSearchParams(body).get('Action') ?? '', requestId)
      : parameters(world(), String(request.headers['x-amz-target'] ?? ''), body);
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'x-amzn-requestid': requestId,
  });
  response.end(answer.body);
}

// ---- STS -------------------------------------------------------------------------------------------

const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

function identity(caller: Caller, action: string, requestId: string): Answer {
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  if (action !== 'GetCallerIdentity') {
    const message = `The action ${action} of STS is not modelled by this simulator`;
    const error = toXmlBytes({ Error: { Type: 'Sender', Code: 'UnsupportedOperation', Message: message } });
    const inner = `${error.toString()}<RequestId>${requestId}</RequestId>`;
    return { status: 400, type: 'text/xml', body: `<ErrorResponse xmlns="${stsNamespace}">${inner}</ErrorResponse>` };
  }
  const { accountId } = caller;
  const arn = `arn:${partitionName(caller.region)}:iam::${accountId}:root`;
  const result = toXmlBytes({ GetCallerIdentityResult: { Arn: arn, UserId: accountId, Account: accountId } });
  const element = 'GetCallerIdentityResponse';
  const inner = `${result.toString()}${metadata}`;
  return { status: 200, type: 'text/xml', body: `<${element} xmlns="${stsNamespace}">${inner}</${element}>` };
}

// ---- SSM -------------------------------------------------------------------------------------------

const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
});
const refusal = (type: string, message: string): Answer => json(400, { __type: type, message });

const schemas = {
  one: z.looseObject({ Name: z.string() }),
  several: z.looseObject({ Names: z.array(z.string()).min(1).max(10) }),
  below: z.looseObject({
    Path: z.string(),
    MaxResults: z.number().int().min(1).max(10).optional(),
    NextToken: z.string().optional(),
    Recursive: z.boolean().optional(),
  }),
};

interface Parameter {
  readonly Name: string;
  readonly Value: string;
}

/** null: no public parameter of that name leads to an image here. A version may follow the name. */
function parameterNamed(world: World, given: string): Parameter | null {
  const [name = ''] = given.split(':');
  const image = parameterImage(world, name);
  if (!image) return null;
  const more = {
    Type: 'String',
    Version: 1,
    LastModifiedDate: Date.parse(image.createdAt) / 1000,
    ARN: `arn:${partitionName(world.region)}:ssm:${world.region}::parameter${name}`,
    DataType: 'text',
  };
  return { Name: name, Value: image.id, ...more };
}

function parameters(world: World, target: string, body: string): Answer {
  try {
    return parametersOf(world, target, JSON.parse(body === '' ? '{}' : body) as unknown);
  } catch (error) {
    if (error instanceof z.ZodError) return refusal('ValidationException', z.prettifyError(error));
    if (error instanceof SyntaxError) return refusal('SerializationException', error.message);
    if (error instanceof Ec2Error) return refusal(error.ec2Code, error.message);
    throw error;
  }
}

function parametersOf(world: World, target: string, given: unknown): Answer {
  switch (target) {
    case 'AmazonSSM.GetParameter': {
      const { Name } = schemas.one.parse(given);
      const found = parameterNamed(world, Name);
      return found ? json(200, { Parameter: found }) : refusal('ParameterNotFound', `Parameter ${Name} not found.`);
    }
    case 'AmazonSSM.GetParameters': {
      const { Names } = schemas.several.parse(given);
      const found = Names.map((name) => ({ name, parameter: parameterNamed(world, name) }));
      return json(200, {
        Parameters: found.flatMap((one) => one.parameter ?? []),
        InvalidParameters: found.filter((one) => one.parameter === null).map((one) => one.name),
      });
    }
    case 'AmazonSSM.GetParametersByPath':
      return below(world, schemas.below.parse(given));
    default:
      return refusal(
        'UnsupportedOperation',
        `The action ${target.replace(/^AmazonSSM\./, '')} of SSM is not modelled by this simulator`,
      );
  }
}

function below(world: World, asked: z.output<typeof schemas.below>): Answer {
  const prefix = asked.Path.endsWith('/') ? asked.Path : `${asked.Path}/`;
  const names = imageParameters(world)
    .filter((name) => name.startsWith(prefix))
    .filter((name) => asked.Recursive === true || !name.slice(prefix.length).includes('/'))
    .filter((name) => asked.NextToken === undefined || name > asked.NextToken);
  const page = names.slice(0, asked.MaxResults ?? 10);
  return json(200, {
    Parameters: page.flatMap((name) => parameterNamed(world, name) ?? []),
    ...(page.length < names.length ? { NextToken: page.at(-1) } : {}),
  });
}
