/** Where the files of skills lie in a workspace, and that no file tool writes there. */

const FOLDER = '.skills'

/** Of one skill, whatever the version. */
export const skillRoot = (name: string): string => `${FOLDER}/${name}`

export const skillFolder = ({ name, version }: { name: string; version: number }): string =>
  `${skillRoot(name)}/${version}`

/** Case-insensitive: so are some disks. */
export function isSkillPath(path: string): boolean {
  const folded = path.toLowerCase()
  return folded === FOLDER || folded.startsWith(`${FOLDER}/`)
}
