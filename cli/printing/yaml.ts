// What is printed as YAML. A module of its own: the library is loaded when it is needed, and imported by its names here,
// since a package in CommonJS that a bundle loads later has none.
import { stringify } from 'yaml';

/** Not of the object that is shown itself: what is in it twice would be written as a reference. */
export function yamlOf(object: unknown): string {
  return stringify(JSON.parse(JSON.stringify(object)), { lineWidth: 0 });
}
