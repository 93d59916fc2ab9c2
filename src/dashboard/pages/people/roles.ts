/** The roles of a tenant in plain words, the least first. */
export const ROLES = [
  ['viewer', 'Viewer: looks, and changes nothing'],
  ['operator', 'Operator: talks to agents'],
  ['admin', 'Admin: sets up agents, keys and channels'],
  ['owner', 'Owner: also decides who belongs here'],
] as const

export type MemberRole = (typeof ROLES)[number][0]

/** Of a form; the least one for whatever is none. */
export const roleIn = (form: FormData): MemberRole =>
  ROLES.find(([role]) => role === form.get('role'))?.[0] ?? 'viewer'
