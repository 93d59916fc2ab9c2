/** What a binary's profile says, and what it may look at. Profiles are data with a few checks. */

/** The files that the container will get: nothing else can configure a program in there. */
export interface WorkspaceFiles {
  readonly paths: readonly string[]
  /** Null for what is missing, or longer than any configuration. */
  readonly read: (path: string) => Promise<string | null>
}

export interface Hardening {
  /** Where its hosts are spoken to, by a program that knows no proxy; null for TLS at 443. */
  readonly port: number | null
  /** Stands over the credential's own variables. */
  readonly env: Readonly<Record<string, string>>
  /** A sentence for arguments by which the program would run another one, or read such orders. */
  readonly checkArgs: (args: readonly string[]) => string | null
  /** A sentence for files by which it would; null when the program reads none of them. */
  readonly checkFiles: ((files: WorkspaceFiles) => Promise<string | null>) | null
}

/** Told where arguments are refused, whichever: the model needs no list to try. */
export const RUNS_OTHERS =
  'with these arguments the program could run another one beside its credential'
