// `npm run ec2-simulator`: before the program is loaded, turns on Node's compile cache, which halves its start,
// and makes the garbage collector come before the heap has doubled, which halves what 100,000 instances take.
// What an older Node does not have is not imported by name: it would end before it could say why.
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

const nodeMin = 24;
if (Number.parseInt(process.versions.node, 10) < nodeMin) {
  process.stderr.write(`ec2-simulator needs Node ${String(nodeMin)} or later; this is ${process.version}\n`);
  process.exit(1);
}
module.enableCompileCache();
setFlagsFromString('--max-semi-space-size=8');
setFlagsFromString('--heap-growing-percent=30');
await import('./program.ts');
