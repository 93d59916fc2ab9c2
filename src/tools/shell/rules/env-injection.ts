/** Variables through which a program loads or runs something that its arguments do not show. */
import type { GroupRules } from '../view.ts'

const LOADING =
  /^(?:LD_[A-Z_0-9]+|DYLD_[A-Z_]+|BASH_ENV|ENV|PROMPT_COMMAND|BASH_ALIASES|BASH_CMDS|BASH_FUNC_.*|BASH_LOADABLES_PATH|SHELLOPTS|BASHOPTS|GIT_(?:EXTERNAL_DIFF|SSH|SSH_COMMAND|PROXY_COMMAND|ASKPASS|EXEC_PATH|TEMPLATE_DIR|CONFIG(?:_[A-Z0-9_]+)?)|SSH_ASKPASS|SUDO_ASKPASS|PYTHONSTARTUP|PYTHONINSPECT|PYTHONHOME|PYTHONBREAKPOINT|NODE_OPTIONS|PERL5OPT|PERL5DB|PERLLIB|RUBYOPT|LUA_INIT(?:_\d_\d)?|GCONV_PATH|GLIBC_TUNABLES|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|TAR_OPTIONS|RSYNC_RSH|AWKPATH|AWKLIBPATH)$/

/** Expanded by the shell itself as if in double quotes. */
const PROMPTS = /^PS[0-4]$/

export const envInjection: GroupRules = {
  group: 'env_injection',
  reason: 'it would set a variable that makes other programs run something unseen',
  commands: {},
  isDeniedVariable: (name, value) => {
    if (LOADING.test(name)) return true
    if (PROMPTS.test(name)) return /\$\(|`|\uE000/.test(value)
    // A search path that keeps the old one only adds to it; one that drops it hides what runs.
    return name === 'PATH' && !/\uE001/.test(value)
  },
  isDeniedWord: (word) => /\/etc\/ld\.so\.preload/.test(word),
  isDeniedTarget: (path) => path.startsWith('/etc/ld.so.'),
}
