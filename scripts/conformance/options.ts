// The command line of conformance runs: options, help, and what is refused before anything is called.
import { parseArgs } from 'node:util';

const usage = `npm run conformance:aws -- --yes --max-usd N [options]   does AWS behave as the design believes?

  --yes --max-usd N          needed on AWS: scenes that could pass N USD in all are not played (0.25 plays all)
  --region REGION            default: AWS_REGION, or the profile's
  --plan                     what would be played, what it makes and costs at most: calls nobody
  --clean                    only remove what earlier runs left behind
  --only TEXT                scenes whose name contains it
  --endpoint URL             something like AWS instead (--ec2-endpoint, --dynamodb-endpoint for one of them)
  --poll-ms N                how often to look again (2000)
  --json                     what was seen, for programs
  --help

Exit: 0 nothing was different, 1 something was, 2 usage, 4 something that was made is left.
`;

export interface Options {
  readonly isYes: boolean;
  readonly usdMax: number | null;
  readonly region: string | null;
  readonly isClean: boolean;
  readonly isPlan: boolean;
  readonly only: string;
  readonly ec2Endpoint: string | null;
  readonly dynamodbEndpoint: string | null;
  readonly isJson: boolean;
  readonly pollMs: number;
}

/** null: they were refused, and the reason is printed. */
export function readOptions(): Options | null {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      options: {
        yes: flag,
        'max-usd': text,
        region: text,
        clean: flag,
        plan: flag,
        only: { type: 'string', default: '' },
        endpoint: text,
        'ec2-endpoint': text,
        'dynamodb-endpoint': text,
        json: flag,
        'poll-ms': text,
        help: flag,
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const usdMax = values['max-usd'] === undefined ? null : Number(values['max-usd']);
    if (usdMax !== null && !(usdMax > 0)) throw new RangeError('--max-usd must be a number of USD over 0');
    for (const name of ['endpoint', 'ec2-endpoint', 'dynamodb-endpoint'] as const)
      if (values[name] !== undefined && !URL.canParse(values[name]))
        throw new RangeError(`--${name} ${JSON.stringify(values[name])} is no URL`);
    const [ec2Endpoint, dynamodbEndpoint] = [
      values['ec2-endpoint'] ?? values.endpoint ?? null,
      values['dynamodb-endpoint'] ?? values.endpoint ?? null,
    ];
    const isAws = ec2Endpoint === null || dynamodbEndpoint === null;
    if (isAws && !values.clean && !values.plan && (!values.yes || usdMax === null))
      throw new RangeError(
        'this launches instances in your account, which costs money: say --yes --max-usd N (or --endpoint for '
          + 'something that is not AWS)',
      );
    return {
      isYes: values.yes,
      usdMax,
      region: values.region ?? null,
      isClean: values.clean,
      isPlan: values.plan,
      only: values.only,
      ec2Endpoint,
      dynamodbEndpoint,
      isJson: values.json,
      pollMs: Number(values['poll-ms'] ?? 2_000),
    };
  } catch (error) {
    process.stderr.write(`bellows: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
}
