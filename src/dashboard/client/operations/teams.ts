// Written by `npm run operations` from the registry.

export interface TeamsOperations {
  /** Team tasks of a session: always none */
  'teams.tasks.active-by-session': {
    params: Record<string, unknown>
    result: { tasks: readonly unknown[] }
  }
}
