// Writes docs/ec2-simulator-actions.md from the tables of the EC2 simulator.
import { writeFileSync } from 'node:fs';
import { actionsReference } from '../../lib/adapters/simulated/ec2/protocol/reference.ts';

writeFileSync(new URL('../../docs/ec2-simulator-actions.md', import.meta.url), actionsReference());
process.stderr.write('docs/ec2-simulator-actions.md is written\n');
