// Written by `npm run operations` from the registry.

export interface SkillsOperations {
  /** Adds a skill, named by its front matter; nobody has it before it is granted */
  'skills.create': {
    params: {
      skill_md: string
      files?: readonly { path: string; content: string }[]
      enabled?: boolean
    }
    result: {
      id: string
      name: string
      description: string
      version: number
      enabled: boolean
      hash: string
      findings: readonly string[]
    }
  }
  /** Deletes a skill with all its versions and grants */
  'skills.delete': {
    params: { name: string }
    result: { ok: true; id: string }
  }
  /** One skill with what it says, or one of its files; older versions as admin */
  'skills.get': {
    params: { name: string; version?: number | null; file?: string | null }
    result: {
      id: string
      name: string
      description: string
      version: number
      enabled: boolean
      shown: {
        version: number
        in_force: boolean
        description: string
        hash: string
        size: number
        files: number
        findings: readonly string[]
        created_by: string
        created_at: string
      }
      skill_md: string
      files: readonly { path: string; size: number }[]
      file?: { path: string; content: string }
      grants?: readonly ({ agent_id: string; user_id: string | null })[]
    }
  }
  /** Lets an agent load a skill: for everybody who talks to it, or for one user */
  'skills.grant': {
    params: { name: string; agent_id: string; user_id?: string | null }
    result: { agent_id: string; user_id: string | null; skill: string }
  }
  /** The skills of the tenant; without the role admin, those that you can have loaded */
  'skills.list': {
    params: Record<string, unknown>
    result: {
      skills: readonly {
        id: string
        name: string
        description: string
        version: number
        enabled: boolean
      }[]
    }
  }
  /** Puts another version of a skill in force */
  'skills.restore': {
    params: { name: string; version: number }
    result: { ok: true; id: string; version: number }
  }
  /** Takes a skill from an agent: what was granted to everybody, or to one user */
  'skills.revoke': {
    params: { name: string; agent_id: string; user_id?: string | null }
    result: { agent_id: string; user_id: string | null; skill: string }
  }
  /** Makes a new version of a skill, which is in force at once, or switches it off and on */
  'skills.update': {
    params: {
      name: string
      skill_md?: string | null
      files?: readonly { path: string; content: string }[]
      enabled?: boolean | null
    }
    result: { id: string; name: string; description: string; version: number; enabled: boolean }
  }
  /** The versions of a skill, newest first */
  'skills.versions': {
    params: { name: string }
    result: {
      versions: readonly {
        version: number
        in_force: boolean
        description: string
        hash: string
        size: number
        files: number
        findings: readonly string[]
        created_by: string
        created_at: string
      }[]
    }
  }
}
