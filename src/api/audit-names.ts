/** What a change was about, in names alone: never what was set. */

/** The members that a change named; references and what is left out are none. */
export const namesOf = (params: Readonly<Record<string, unknown>>): string =>
  Object.keys(params)
    .filter((name) => params[name] !== undefined && !REFERENCES.has(name))
    .sort()
    .join(' ')

const REFERENCES: ReadonlySet<string> = new Set([
  'id',
  'agentId',
  'agent_id',
  'providerId',
  'revision',
])

export const namesOfPackages = (
  packages: readonly { readonly manager: string; readonly name: string }[],
): string => packages.map(({ manager, name }) => `${manager}:${name}`).join(' ')
