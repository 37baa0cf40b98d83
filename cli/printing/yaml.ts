// What is printed as YAML. In a module of its own, which is loaded when it is needed: a package in CommonJS that a
// bundle loads later has no names.
import { stringify } from 'yaml';

/** Not of the object that is shown itself: what is in it twice would be written as a reference. */
export function yamlOf(object: unknown): string {
  return stringify(JSON.parse(JSON.stringify(object)), { lineWidth: 0 });
}
