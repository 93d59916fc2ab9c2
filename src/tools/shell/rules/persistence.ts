/** Whatever runs again later: schedules, services, start-up files, keys for coming back. */
import { names } from '../names.ts'
import { baseOf, couldName, normalizePath } from '../path-pattern.ts'
import { type GroupRules, hasSubcommand, unlessQuestion } from '../view.ts'

const ENABLING = new Set(['enable', 'reenable', 'link', 'add-wants', 'add-requires'])
const LINGERING = new Set(['enable-linger'])

const HOME_FILES =
  /(?:^|\/)\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zprofile|zshenv|zlogin|zlogout|kshrc|mkshrc|cshrc|tcshrc|login|logout|xinitrc|xprofile|xsession|xsessionrc|pam_environment)$|(?:^|\/)\.config\/(?:fish\/|autostart\/|systemd\/|environment\.d\/)|(?:^|\/)authorized_keys2?$|(?:^|\/)\.ssh\/(?:rc|environment)$/
const START_UP_NAMES = names('.bashrc .bash_profile .bash_login .bash_logout .profile .zshrc')
const SYSTEM_FILES =
  /^\/(?:etc\/(?:profile(?:$|\.d\/)|bash\.bashrc|bashrc|zsh\/|zshrc|zprofile|zshenv|environment|crontab|anacrontab|cron\.[a-z]+(?:\/|$)|at\.(?:allow|deny)|cron\.(?:allow|deny)|rc\.local|rc\.common|rc\d?\.d\/|init\.d\/|init\/|inittab|systemd\/|xdg\/autostart|pam\.d\/|update-motd\.d\/|udev\/rules\.d)|var\/spool\/(?:cron|at)|(?:usr\/)?lib\/systemd\/|usr\/local\/etc\/rc\.d)/

/** `>> ~/.bash*` writes the one file that matches. */
const couldBeHomeFile = (path: string): boolean => {
  const base = baseOf(path)
  return (
    /[*?[]/.test(base) &&
    /^[.?*[]/.test(base) &&
    START_UP_NAMES.some((name) => couldName(`/${base}`, `/${name}`)) &&
    /[a-z]/.test(base)
  )
}

export const persistence: GroupRules = {
  group: 'persistence',
  reason: 'it would arrange for something to run again later',
  commands: {
    crontab: ({ args }) => !args.some(({ value }) => /^(?:-V|--version|--help)$/.test(value)),
    at: true,
    batch: true,
    systemctl: (command) => hasSubcommand(command, ENABLING),
    loginctl: (command) => hasSubcommand(command, LINGERING),
    'update-rc.d': unlessQuestion,
    'rc-update': (command) => hasSubcommand(command, new Set(['add', 'del', 'delete'])),
    chkconfig: ({ args }) => args.some(({ value }) => /^(?:on|off|reset|--add|--del)$/.test(value)),
  },
  isDeniedTarget: (path) =>
    HOME_FILES.test(path) || SYSTEM_FILES.test(normalizePath(path)) || couldBeHomeFile(path),
}
