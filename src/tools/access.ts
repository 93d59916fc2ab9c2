/** How much of the workspace a run has, and how much a tool asks for. Judging it is policy's. */

/** What the agent's sandbox policy leaves of the workspace. */
export type WorkspaceAccess = 'none' | 'ro' | 'rw'

/** How much of the workspace a tool needs to be offered at all. */
export type WorkspaceNeed = 'nothing' | 'read' | 'write'
