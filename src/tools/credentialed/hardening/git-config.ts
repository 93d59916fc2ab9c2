/**
 * A workspace's own git configuration, held against what is known to run nothing. Git has dozens of
 * keys that name a program and more come with every version, so what is not listed is refused; what
 * does not read as the plain form that git itself writes is refused as well.
 */
import type { WorkspaceFiles } from './profile.ts'

/** `*` is any subsection. In lower case: section and key compare without case. */
const HARMLESS: ReadonlySet<string> = new Set(
  `
  core.repositoryformatversion core.filemode core.bare core.logallrefupdates core.ignorecase
  core.precomposeunicode core.autocrlf core.eol core.safecrlf core.symlinks core.quotepath
  core.abbrev core.bigfilethreshold core.compression core.preloadindex core.untrackedcache
  core.sparsecheckout core.sparsecheckoutcone core.commitgraph core.multipackindex
  core.checkstat core.trustctime core.commentchar core.whitespace core.protecthfs core.protectntfs
  user.name user.email user.useconfigonly author.name author.email committer.name committer.email
  branch.*.remote branch.*.merge branch.*.rebase branch.*.description branch.*.pushremote
  branch.autosetupmerge branch.autosetuprebase branch.sort
  remote.*.url remote.*.pushurl remote.*.fetch remote.*.push remote.*.tagopt remote.*.prune
  remote.*.mirror remote.pushdefault
  submodule.*.url submodule.*.active submodule.*.branch submodule.active
  init.defaultbranch pull.rebase pull.ff push.default push.autosetupremote push.followtags
  fetch.prune fetch.prunetags fetch.parallel merge.ff merge.conflictstyle merge.renames
  rebase.autostash rebase.autosquash rerere.enabled
  diff.algorithm diff.renames diff.colormoved diff.mnemonicprefix diff.context
  status.short status.branch status.showuntrackedfiles log.date log.decorate log.follow
  color.ui color.status color.diff color.branch tag.sort column.ui index.version
  feature.manyfiles pack.threads extensions.objectformat advice.detachedhead
`.match(/\S+/g),
)

const SECTION = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\["\\])*)")?\s*\]$/
const KEY = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=.*)?$/

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t'

function trimBlanks(line: string): string {
  let start = 0
  let end = line.length
  while (start < end && isBlank(line[start])) start += 1
  while (end > start && isBlank(line[end - 1])) end -= 1
  return line.slice(start, end)
}

/** The first key or line that may do more than configure; null when all are harmless. */
export function findHarmfulKey(text: string): string | null {
  let section: string | null = null
  for (const line of text.split('\n').map((each) => each.replace(/\r$/, ''))) {
    // A continued value, or a break that git and we might see in different places.
    if (line.endsWith('\\') || /[^\t\x20-\x7e\x80-\uffff]/.test(line)) return 'an unusual line'
    // Blanks as git knows them: a byte order mark or a wide blank is none.
    const trimmed = trimBlanks(line)
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue
    const header = SECTION.exec(trimmed)
    if (header !== null) {
      section = sectionOf(header[1] ?? '', header[2])
      continue
    }
    const key = KEY.exec(trimmed)?.[1]
    if (section === null || key === undefined) return 'an unusual line'
    const name = `${section}.${key.toLowerCase()}`
    if (!HARMLESS.has(name)) return name
  }
  return null
}

/** `[branch "x"]` and the old `[branch.x]` are the same. */
function sectionOf(name: string, subsection: string | undefined): string {
  const [first = ''] = name.toLowerCase().split('.', 1)
  return subsection !== undefined || name.includes('.') ? `${first}.*` : first
}

/**
 * Every file that git could take for a repository's configuration, wherever it is: it finds
 * repositories above and below, through `.git` files, `commondir` and submodules.
 */
export function configPaths(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>()
  for (const path of paths) {
    const mark = /^(.*?)(?:^|\/)(?:HEAD|objects|refs)(?:\/|$)/.exec(path)
    if (mark !== null) folders.add(mark[1] ?? '')
    // Further in there may be another one: `refs/…/HEAD` of a repository within.
    for (const part of path.matchAll(/\/(?:HEAD|objects|refs)(?=\/|$)/g)) {
      folders.add(path.slice(0, part.index))
    }
  }
  return paths.filter((path) => {
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    const isConfig = name === 'config' || name === 'config.worktree'
    return isConfig && folders.has(slash < 0 ? '' : path.slice(0, slash))
  })
}

/** More repositories in one workspace are no honest one. */
const MAX_CONFIGS = 50

export async function checkGitFiles({ paths, read }: WorkspaceFiles): Promise<string | null> {
  const configs = configPaths(paths)
  if (configs.length > MAX_CONFIGS) return 'the workspace holds too many git repositories'
  for (const path of configs) {
    const text = await read(path)
    const harmful = text === null ? 'what cannot be read' : findHarmfulKey(text)
    if (harmful === null) continue
    return `${path} sets ${harmful.slice(0, 100)}, which is not possible beside a credential; take it out of that file`
  }
  return null
}
