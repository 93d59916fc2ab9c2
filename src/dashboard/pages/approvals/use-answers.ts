/** Answers to waiting calls: once, always, or no. The gateway judges who may give which. */
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import type { Approval } from './approval.ts'

export interface Answers {
  readonly mayAnswer: boolean
  readonly mayAlways: boolean
  readonly isBusy: (approval: Approval) => boolean
  /** Neither answers yes to what is shown in part. */
  once(approval: Approval): void
  always(approval: Approval): Promise<void>
  deny(approval: Approval): void
}

export function useAnswers(): Answers {
  const hello = useHello()
  const mayAnswer = useMay('exec.approval.approve')
  const confirm = useConfirm()
  const notify = useNotify()
  const approve = useChange('exec.approval.approve')
  const refuse = useChange('exec.approval.deny')
  const failed = (error: unknown) => notify.failed('The answer was not taken', error)
  const busyId = approve.isPending
    ? approve.variables.id
    : refuse.isPending
      ? refuse.variables.id
      : null
  return {
    mayAnswer,
    mayAlways: mayAnswer && (hello.role === 'admin' || hello.role === 'owner'),
    isBusy: ({ id }) => id === busyId,
    once: ({ id, isCut }) => {
      if (isCut) return
      approve.mutate({ id }, { onSuccess: () => notify.done('Allowed once'), onError: failed })
    },
    always: async ({ id, isCut, command, agent, cwd }) => {
      if (isCut) return
      const isSure = await confirm({
        title: 'Allow this command always?',
        consequence: `${command}\n\nThe agent “${agent}” may run exactly this${cwd === '' ? '' : ` in ${cwd}`} without asking, until you revoke it under “Always allowed”.`,
        act: 'Always allow',
      })
      if (!isSure) return
      approve.mutate(
        { id, always: true },
        { onSuccess: () => notify.done('Allowed from now on'), onError: failed },
      )
    },
    deny: ({ id }) =>
      refuse.mutate({ id }, { onSuccess: () => notify.done('Denied'), onError: failed }),
  }
}
