/** Which files are an agent's memory: what it was told, who it is, what it noted. By name alone. */

/** At the root of the workspace; a file of such a name elsewhere is somebody's document. */
const ROOT_FILES: ReadonlySet<string> = new Set([
  'memory.md',
  'agents.md',
  'soul.md',
  'identity.md',
  'user.md',
  'tools.md',
])

const NOTES = /^memory\/.*\.md$/s

/** In any case, since a model that looks for MEMORY.md reads memory.md as well. */
export function isMemoryFile(path: string): boolean {
  const name = path.toLowerCase()
  return ROOT_FILES.has(name) || NOTES.test(name)
}
