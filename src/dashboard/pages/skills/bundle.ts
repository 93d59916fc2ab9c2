/**
 * A folder that a browser handed over, as the gateway takes a skill: text, nothing hidden. What is
 * refused here is what a gateway would never see; all else is its own to judge.
 */

const SKILL_FILE = 'SKILL.md'
/** More is no skill, and nobody should upload a home folder by a slip of the hand. */
const MAX_FILES = 100
const MAX_BYTES = 1024 * 1024

/** As a browser has it. */
export interface PickedFile {
  readonly name: string
  /** `folder/scripts/check.py`; empty for a file that was picked by itself. */
  readonly webkitRelativePath: string
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
}

export interface Bundle {
  readonly skill_md: string
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

/** Below the folder that was picked. */
export const pathOf = ({ name, webkitRelativePath }: PickedFile): string =>
  webkitRelativePath === '' ? name : webkitRelativePath.split('/').slice(1).join('/')

/** Hidden files stay at home: they are an editor's, a repository's, or a secret. */
const isHidden = (path: string): boolean => path.split('/').some((part) => part.startsWith('.'))

/** @throws with what is wrong. */
export async function readBundle(picked: readonly PickedFile[]): Promise<Bundle> {
  const seen = picked.filter((file) => !isHidden(pathOf(file)))
  if (seen.length > MAX_FILES) throw new Error('The folder holds more than a skill may.')
  if (seen.reduce((sum, { size }) => sum + size, 0) > MAX_BYTES)
    throw new Error(`The folder is larger than ${MAX_BYTES} bytes.`)
  const files = await Promise.all(
    seen.map(async (file) => ({ path: pathOf(file), content: await textIn(file) })),
  )
  const main = files.find(({ path }) => path === SKILL_FILE)
  if (main === undefined) throw new Error(`There is no ${SKILL_FILE} in the folder.`)
  return { skill_md: main.content, files: files.filter((file) => file !== main) }
}

async function textIn(file: PickedFile): Promise<string> {
  try {
    // A mark of the byte order would stand before the front matter: the gateway is to see it.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return decoder.decode(await file.arrayBuffer())
  } catch {
    throw new Error(`${pathOf(file)} is no text in UTF-8; a skill holds nothing else.`)
  }
}

/** What the front matter calls it; the gateway reads it itself. */
export const nameIn = (text: string): string =>
  /^name: *["']?([^"'\s]+)/m.exec(text.slice(0, 4_000))?.[1] ?? ''

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length
