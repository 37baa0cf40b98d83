// Pages of describe calls: MaxResults within the action's limits, and tokens that only the list that made
// them takes back.
import { Ec2Error } from '../../cloud/errors.ts';
import { hash32 } from '../../cloud/random.ts';

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageLimits {
  readonly min: number;
  readonly max: number;
  /** Page size where the caller names none; absent: everything in one answer. */
  readonly byDefault?: number;
}

/**
 * One page of `all`. The token carries the position and a mark of the call's other parameters: a token of
 * another call is refused.
 */
export function pageOf<T>(
  all: readonly T[],
  request: PageRequest,
  limits: PageLimits,
  call: { readonly pageMark: string },
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const { MaxResults: size } = request;
  if (size !== undefined && (size < limits.min || size > limits.max)) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between `
        + `${limits.min} and ${limits.max}.`,
    );
  }
  const from =
    request.NextToken === undefined || request.NextToken === '' ? 0 : positionOf(request.NextToken, call.pageMark);
  const to = Math.min(all.length, from + (size ?? limits.byDefault ?? all.length));
  return {
    items: from === 0 && to === all.length ? all : all.slice(from, to),
    nextToken: to < all.length ? tokenOf(to, call.pageMark) : undefined,
  };
}

function tokenOf(position: number, mark: string): string {
  return Buffer.from(`${position}/${hash32(mark).toString(16)}`).toString('base64url');
}

function positionOf(token: string, mark: string): number {
  const position = Number(Buffer.from(token, 'base64url').toString().split('/')[0]);
  // Written again and compared: neither another list's token nor a touched one comes out the same.
  if (Number.isSafeInteger(position) && position > 0 && tokenOf(position, mark) === token) return position;
  throw new Ec2Error('InvalidNextToken', 'The token is invalid.');
}
