/** One workspace: its folders, the files of one, and what is in a file. */
import { Button } from '@cloudflare/kumo/components/button'
import { FileIcon } from '@phosphor-icons/react/File'
import { FolderIcon } from '@phosphor-icons/react/Folder'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { formatBytes, formatCount } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import type { Place } from './files.ts'
import { crumbsOf, type Entry, folderFrom, listing } from './paths.ts'
import { Preview } from './preview.tsx'
import { Upload } from './upload.tsx'
import { useFiles } from './use-files.ts'

export function Browser({ place }: { readonly place: Place }) {
  const [search, change] = useAddress()
  // Whoever may write prompt files of their own may write files of their own.
  const mayWrite = useMay('agents.files.set') && place.isOwn
  const prefix = folderFrom(search['folder'])
  const open = search['file']
  const query = useFiles(place, prefix)
  const { data } = query
  const rows = useMemo(() => data?.flatMap(({ files }) => files) ?? [], [data])
  const entries = useMemo(() => listing(rows, prefix), [rows, prefix])
  const file = rows.find(({ path }) => path === open)
  return (
    <Page
      title={place.isOwn ? 'Your workspace' : 'Workspace'}
      description={
        place.isOwn
          ? `With the agent ${place.agent}.`
          : `Of ${place.user}, with the agent ${place.agent}. You may read it, not write to it.`
      }
      actions={
        <>
          <Link to="/workspaces" className="text-kumo-link hover:underline">
            All workspaces
          </Link>
          {mayWrite && <Upload place={place} prefix={prefix} />}
        </>
      }
    >
      <Crumbs place={place} prefix={prefix} />
      <Answer query={query} what="Loading files">
        {() => (
          <div
            className={`grid items-start gap-4 ${open === undefined ? '' : 'lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]'}`}
          >
            <div className="flex min-w-0 flex-col gap-3">
              {entries.length === 0 ? (
                <Nothing
                  title="Nothing lies here"
                  {...(mayWrite ? { description: 'Upload a file, and the agent can use it.' } : {})}
                />
              ) : (
                <Entries entries={entries} isNarrow={open !== undefined} />
              )}
              {query.hasNextPage && (
                <Button
                  size="sm"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Look for more files
                </Button>
              )}
            </div>
            {open !== undefined && (
              <Preview
                key={open}
                place={place}
                path={open}
                mayWrite={mayWrite}
                file={file ?? null}
                isMissing={file === undefined && !query.hasNextPage}
                onClose={() => change({ file: null }, { isStep: true })}
              />
            )}
          </div>
        )}
      </Answer>
    </Page>
  )
}

function Crumbs({ place, prefix }: { readonly place: Place; readonly prefix: string }) {
  const crumbs = [{ name: 'All files', prefix: '' }, ...crumbsOf(prefix)]
  return (
    <nav aria-label="Folders">
      <ol className="flex flex-wrap items-center gap-1">
        {crumbs.map((crumb, index) => (
          <li key={crumb.prefix} className="flex items-center gap-1">
            {index > 0 && (
              <span aria-hidden className="text-kumo-subtle">
                /
              </span>
            )}
            {index === crumbs.length - 1 ? (
              <span aria-current="page" className="as-written font-medium">
                {crumb.name}
              </span>
            ) : (
              <Link
                to="/workspaces"
                search={{
                  agent: place.agent,
                  user: place.user,
                  ...(crumb.prefix === '' ? {} : { folder: crumb.prefix }),
                }}
                className="as-written text-kumo-link hover:underline"
              >
                {crumb.name}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

interface EntriesProps {
  readonly entries: readonly Entry[]
  readonly isNarrow: boolean
}

function Entries({ entries, isNarrow }: EntriesProps) {
  const [, change] = useAddress()
  const columns: readonly Column<Entry>[] = [
    {
      title: 'Name',
      width: 'minmax(8rem,3fr)',
      cell: (entry) => (
        <button
          type="button"
          className="flex max-w-full items-center gap-2 text-left text-kumo-link hover:underline"
          onClick={() =>
            entry.kind === 'folder'
              ? change({ folder: entry.path, file: null }, { isStep: true })
              : change({ file: entry.path }, { isStep: true })
          }
        >
          {entry.kind === 'folder' ? (
            <FolderIcon size={16} aria-label="Folder" className="shrink-0" />
          ) : (
            <FileIcon size={16} aria-hidden className="shrink-0" />
          )}
          <span className="truncate">{entry.name}</span>
        </button>
      ),
    },
    {
      title: 'Size',
      width: '6rem',
      cell: (entry) => (
        <span className="text-kumo-subtle">
          {entry.kind === 'folder' && entry.files > 1
            ? `${formatCount(entry.files)} files`
            : formatBytes(entry.size)}
        </span>
      ),
    },
    ...(isNarrow
      ? []
      : [
          {
            title: 'Changed',
            width: '8rem',
            isSecondary: true,
            cell: ({ changedAt }: Entry) => (
              <span className="text-kumo-subtle">
                {changedAt === null ? 'not known' : <Time at={changedAt} />}
              </span>
            ),
          },
        ]),
  ]
  return (
    <DataList
      label="Files"
      columns={columns}
      rows={entries}
      keyOf={({ kind, name }) => `${kind}/${name}`}
      rowHeight={38}
    />
  )
}
