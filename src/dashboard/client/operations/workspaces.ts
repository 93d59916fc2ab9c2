// Written by `npm run operations` from the registry.

export interface WorkspacesOperations {
  /** The files of one workspace by their paths, page by page */
  'workspaces.files': {
    params: {
      agentId: string
      user_id?: string | null
      session_key?: string | null
      prefix?: string
      cursor?: string | null
      limit?: number
    }
    result: {
      agentId: string
      userId: string
      files: readonly ({
        path: string
        size: number
        mode: number
        untrusted: boolean
        changedAt: string | null
      })[]
      next: string | null
    }
  }
  /** The workspaces that hold files: one’s own, for admins the tenant’s */
  'workspaces.list': {
    params: {
      agentId?: string | null
      user_id?: string | null
      cursor?: string | null
      limit?: number
    }
    result: {
      workspaces: readonly ({
        agentId: string
        userId: string
        scope: "member" | "channel"
        files: number
        bytes: number
        changedAt: string | null
      })[]
      next: string | null
    }
  }
}
