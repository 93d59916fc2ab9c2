/** Another user, another namespace, another root: whatever reaches beyond the sandbox's one uid. */
import type { CommandView, GroupRules } from '../view.ts'

/** `u+s`, `g=rws`, `4755`, `02775`: the set-uid and set-gid bits, not the sticky one. */
const SET_ID = /^[ugoa]*[+=](?=[rwxXt]*s)[rwxXst]*(?:,|$)|^0?[2-7][0-7]{3}$|,[ugoa]*[+=][rwxXt]*s/

const setsId = ({ args }: CommandView): boolean =>
  args.some(({ value }) => SET_ID.test(value) && !/^0?[0-7]{3}$/.test(value))

const installsSetId = (command: CommandView): boolean =>
  command.args.some(
    ({ value }, at) =>
      (/^-[a-zA-Z]*m$|^--mode$/.test(value) && SET_ID.test(command.args[at + 1]?.value ?? '')) ||
      (/^(?:-m|--mode=)/.test(value) && SET_ID.test(value.replace(/^(?:-m|--mode=)/, ''))),
  )

export const privilegeEscalation: GroupRules = {
  group: 'privilege_escalation',
  reason: 'it would act as another user or in another namespace',
  commands: {
    sudo: true,
    'sudo-rs': true,
    sudoedit: true,
    su: true,
    doas: true,
    pkexec: true,
    run0: true,
    gosu: true,
    'su-exec': true,
    setpriv: ({ args }) => args.some(({ value }) => /^--(?:r|e|re)[ug]id/.test(value)),
    runuser: true,
    nsenter: true,
    unshare: true,
    mount: true,
    umount: true,
    capsh: true,
    setcap: true,
    getcap: true,
    chroot: true,
    machinectl: ({ args }) => args.some(({ value }) => /^(?:shell|login)$/.test(value)),
    chmod: setsId,
    mkdir: installsSetId,
    install: installsSetId,
  },
  isDeniedTarget: (path) => /^\/etc\/(?:sudoers(?:$|\.d\/)|shadow$|passwd$|gshadow$)/.test(path),
}
