/** Takes a folder as a new skill, or as the next version of one, and says what the scan found in it. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { codeOf } from '../../client/refusal.ts'
import { useChange } from '../../client/use-operation.ts'
import { NotDone } from '../../ui/states.tsx'
import { type Bundle, nameIn } from './bundle.ts'
import { BundleFiles, BundlePicker } from './bundle-picker.tsx'
import { ScanVerdict, Verdict } from './scan-verdict.tsx'
import type { Skill } from './skill.ts'
import { useWholeSkill } from './use-whole-skill.ts'

export interface UploadDialogProps {
  /** The one that gets a new version; null: a new skill. */
  readonly skill: Skill | null
  readonly onClose: () => void
}

interface Made {
  readonly name: string
  readonly version: number
  /** Of a new version they stand with the version. */
  readonly findings: readonly string[] | null
}

export function UploadDialog({ skill, onClose }: UploadDialogProps) {
  const name = skill?.name ?? null
  const whole = useWholeSkill()
  const [bundle, setBundle] = useState<Bundle | null>(null)
  const [fault, setFault] = useState<unknown>(null)
  const [made, setMade] = useState<Made | null>(null)
  const create = useChange('skills.create')
  const update = useChange('skills.update')
  const isTaken = name === null && codeOf(create.error) === 'ALREADY_EXISTS'
  const pick = (picked: Bundle | null, error: unknown) => {
    create.reset()
    update.reset()
    setBundle(picked)
    setFault(error)
  }
  const addVersion = (of: string) =>
    bundle !== null &&
    update.mutate(
      { name: of, ...bundle },
      { onSuccess: (changed) => setMade({ ...changed, findings: null }) },
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (bundle === null) return
    if (name === null) create.mutate({ ...bundle }, { onSuccess: setMade })
    else addVersion(name)
  }
  const title = name === null ? 'Upload a skill' : `New version of “${name}”`
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog size="lg" className="max-h-[90vh] overflow-auto p-6">
        <Dialog.Title className="as-written text-lg font-semibold">
          {made === null ? title : `“${made.name}” is in force as version ${made.version}`}
        </Dialog.Title>
        {made !== null ? (
          <Uploaded made={made} isNew={name === null} onClose={onClose} />
        ) : (
          <form onSubmit={submit} className="mt-4 flex flex-col gap-4">
            <BundlePicker current={skill && (() => whole(skill))} onPick={pick} />
            {bundle !== null && <BundleFiles bundle={bundle} />}
            <NotDone error={fault ?? update.error ?? create.error} />
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={onClose}>Cancel</Button>
              {isTaken && bundle !== null && (
                <Button
                  loading={update.isPending}
                  onClick={() => addVersion(nameIn(bundle.skill_md))}
                >
                  Make it a new version
                </Button>
              )}
              <Button
                type="submit"
                variant="primary"
                disabled={bundle === null}
                loading={create.isPending || update.isPending}
              >
                Upload
              </Button>
            </div>
          </form>
        )}
      </Dialog>
    </Dialog.Root>
  )
}

interface UploadedProps {
  readonly made: Made
  readonly isNew: boolean
  readonly onClose: () => void
}

function Uploaded({ made, isNew, onClose }: UploadedProps) {
  return (
    <div className="mt-4 flex flex-col gap-4">
      {made.findings === null ? (
        <ScanVerdict name={made.name} version={made.version} />
      ) : (
        <Verdict findings={made.findings} />
      )}
      {isNew && <p>Nobody has it before it is granted to an agent.</p>}
      <div className="flex justify-end gap-3">
        {isNew && (
          <Link
            to="/skills/$skill"
            params={{ skill: made.name }}
            className="self-center text-kumo-link underline"
          >
            Grant it to an agent
          </Link>
        )}
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}
