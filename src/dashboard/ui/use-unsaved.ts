/** Asks before something unsaved is left behind, by a link, the back button or the tab's end. */
import { useBlocker } from '@tanstack/react-router'
import { useConfirm } from './confirm.tsx'

/** @param what is lost by leaving: `Your changes of the agent “helper”`. */
export function useUnsaved(isDirty: boolean, what: string): void {
  const confirm = useConfirm()
  useBlocker({
    disabled: !isDirty,
    enableBeforeUnload: isDirty,
    // Another tab of the same page keeps what is unsaved.
    shouldBlockFn: async ({ current, next }) => {
      if (current.pathname === next.pathname) return false
      const leaves = await confirm({
        title: 'Leave without saving?',
        consequence: `${what} are not saved yet and would be lost.`,
        act: 'Leave',
      })
      return !leaves
    },
  })
}
