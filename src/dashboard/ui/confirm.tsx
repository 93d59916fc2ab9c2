/** Asks before something is destroyed, and names what goes. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { createContext, type ReactNode, useContext, useRef, useState } from 'react'

export interface Question {
  /** What is about to happen: `Delete the agent “helper”?` */
  readonly title: string
  /** What goes with it, and whether it can come back. */
  readonly consequence: string
  /** The word on the button: `Delete`. */
  readonly act: string
}

type Ask = (question: Question) => Promise<boolean>

const ConfirmContext = createContext<Ask>(() => Promise.resolve(false))

/** @returns true when the person said yes. */
export const useConfirm = (): Ask => useContext(ConfirmContext)

export function ConfirmProvider({ children }: { readonly children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null)
  const [isOpen, setOpen] = useState(false)
  const settle = useRef<(yes: boolean) => void>(() => undefined)
  const ask: Ask = (asked) => {
    settle.current(false)
    setQuestion(asked)
    setOpen(true)
    return new Promise((resolve) => {
      settle.current = resolve
    })
  }
  const answer = (yes: boolean) => {
    setOpen(false)
    settle.current(yes)
  }
  return (
    <ConfirmContext value={ask}>
      {children}
      <Dialog.Root role="alertdialog" open={isOpen} onOpenChange={(open) => !open && answer(false)}>
        <Dialog className="flex flex-col gap-4 p-6">
          <Dialog.Title className="as-written text-lg font-semibold">
            {question?.title}
          </Dialog.Title>
          <Dialog.Description className="as-written text-kumo-subtle">
            {question?.consequence}
          </Dialog.Description>
          <div className="flex justify-end gap-2">
            <Button onClick={() => answer(false)}>Cancel</Button>
            <Button variant="destructive" onClick={() => answer(true)}>
              {question?.act}
            </Button>
          </div>
        </Dialog>
      </Dialog.Root>
    </ConfirmContext>
  )
}
