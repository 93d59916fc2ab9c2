// Written by `npm run operations` from the registry.

export interface ShellOperations {
  /** The groups of shell commands that are denied, and whether the tenant keeps them so */
  'shell.deny_groups.list': {
    params: Record<string, unknown>
    result: { groups: readonly { name: string; denied: boolean }[] }
  }
}
