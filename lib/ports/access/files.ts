// Where uploads of applications and artifacts of attempts are kept. Their bytes never pass through the controller: it
// hands out addresses, each for one file, one way and a time.
import type { FileContent } from '../../core/access/files.ts';

export interface UploadPlace {
  /** For one PUT of exactly that content, with these headers. A path is one of the controller. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Keys are those of lib/control/store/file-keys.ts. */
export interface Files {
  uploadTo(key: string, content: FileContent): Promise<UploadPlace>;
  /** For a GET; it answers 404 where the file is not there. A path is one of the controller. */
  downloadFrom(key: string): Promise<string>;
  /** Small texts of the controller's own; null: there is none. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
  /** null: it is not there. */
  look(key: string): Promise<{ readonly bytes: number; readonly writtenAtMs: number } | null>;
}
