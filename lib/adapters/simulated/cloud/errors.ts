// What EC2 answers when it refuses a call. The code is EC2's own, so BellowsError's lower-case codes do not apply.
import { BellowsError } from '../../../core/values/errors.ts';

/** One of EC2's errors: its code, its message and the HTTP status that carries it. */
export class Ec2Error extends BellowsError {
  readonly ec2Code: string;
  readonly httpStatus: number;
  constructor(ec2Code: string, message: string, httpStatus = 400) {
    super('ec2_error', message);
    this.ec2Code = ec2Code;
    this.httpStatus = httpStatus;
  }
}

/** EC2 answers throttled calls with 503. */
export function requestLimitExceeded(): Ec2Error {
  return new Ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);
}

export function instancesNotFound(ids: readonly string[]): Ec2Error {
  const [first = ''] = ids;
  return new Ec2Error(
    'InvalidInstanceID.NotFound',
    ids.length === 1
      ? `The instance ID '${first}' does not exist`
      : `The instance IDs '${ids.join(', ')}' do not exist`,
  );
}
