// Writes the managed policies with which CloudFormation can deploy an installation and nothing else (docs/deploy.md):
// `node scripts/enter.mjs lib/infra/deployer/main.ts --account 123456789012 --region us-east-1 [--out FOLDER]`
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deployerPolicies } from './policies.ts';

const { values } = parseArgs({
  options: {
    account: { type: 'string', default: '' },
    region: { type: 'string', default: '' },
    partition: { type: 'string', default: 'aws' },
    out: { type: 'string', default: '.bellows/deployer' },
  },
});
if (!/^\d{12}$/.test(values.account) || !/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(values.region)) {
  console.error('--account takes 12 digits, and --region a name such as us-east-1');
  process.exit(2);
}
mkdirSync(values.out, { recursive: true });
const policies = deployerPolicies(values);
const made = Object.entries(policies).map(([name, policy]) => {
  const file = join(values.out, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(policy, null, 2)}\n`);
  console.log(`aws iam create-policy --policy-name ${name} --policy-document file://${resolve(file)}`);
  return `arn:${values.partition}:iam::${values.account}:policy/${name}`;
});
console.log(
  `npx cdk bootstrap aws://${values.account}/${values.region} `
    + `--cloudformation-execution-policies ${made.join(',')}`,
);
